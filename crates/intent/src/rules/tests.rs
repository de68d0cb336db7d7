use domain::{
    ids::{ProductId, ServiceId},
    world::World,
};

use super::*;

fn product(n: u128) -> ProductId {
    ProductId::from_uuid(uuid_of(n))
}

fn uuid_of(n: u128) -> <World as IdSource>::Uuid {
    World::uuid_of(n)
}
