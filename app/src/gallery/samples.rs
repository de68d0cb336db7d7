//! Made-up values for the gallery.

use contract::{
    When,
    conversations::{DeliveryView, OwnerView, UnderstoodView},
};
use domain::{
    conversations::{DeliveryStatus, Owner},
    ids::{Id, MemberId},
    intents::{Confidence, Intent},
    time::Timestamp,
};

pub const PRODUCTS: [(&str, &str, &str, &str); 3] = [
    ("Kettle 1.7 l", "Kitchen", "KES 1,200.00", "5"),
    ("Gas cooker, two burners", "Kitchen", "KES 14,500.00", "0"),
    ("Solar lamp", "Lighting", "KES 950.00", "42"),
];

pub fn owners() -> [OwnerView; 3] {
    let person = MemberId::from_uuid(Default::default());
    [
        OwnerView {
            owner: Owner::Bot,
            label: "Bot".into(),
            mine: false,
        },
        OwnerView {
            owner: Owner::Queue,
            label: "Waiting".into(),
            mine: false,
        },
        OwnerView {
            owner: Owner::Person(person),
            label: "Amina Otieno".into(),
            mine: false,
        },
    ]
}

pub fn understood() -> UnderstoodView {
    UnderstoodView {
        intent: Intent::PriceCheck,
        confidence: Confidence::from_ten_thousandths(9_200),
    }
}

pub fn deliveries() -> Vec<DeliveryView> {
    [
        DeliveryStatus::Queued,
        DeliveryStatus::Unknown,
        DeliveryStatus::Sent,
        DeliveryStatus::Delivered,
        DeliveryStatus::Read,
        DeliveryStatus::Failed,
    ]
    .into_iter()
    .map(|status| DeliveryView {
        status,
        problem: None,
    })
    .collect()
}

pub fn when() -> When {
    When {
        at: Timestamp::from_millis(1_795_500_000_000),
        time: "14:05".into(),
        day: "Tue 24 Nov 2026".into(),
        short: "24 Nov".into(),
    }
}
