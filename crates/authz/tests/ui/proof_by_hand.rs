use authz::{Actor, Authorized, CatalogEdit};
use domain::ids::{Id, TenantId};

fn main() {
    let tenant = TenantId::from_uuid(uuid::Uuid::nil());
    let _: Authorized<CatalogEdit> = Authorized::mint(tenant, Actor::Bot);
}
