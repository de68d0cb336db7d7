//! What the demo's shop sells: a table, and nothing else.

/// A product: name, SKU, category, price in whole shillings, stock (absent: not counted), description.
pub(super) type Good = (
    &'static str,
    &'static str,
    &'static str,
    i64,
    Option<i64>,
    &'static str,
);

#[rustfmt::skip] // One good, one line.
pub(super) const PRODUCTS: &[Good] = &[
    ("Ramtons Electric Kettle 1.7L", "KET-RM-17", "Kitchen", 2_450, Some(18), "Cordless, stainless steel, 2200 W, switches off by itself. One year of warranty."),
    ("Ramtons Glass Kettle 1.8L", "KET-RG-18", "Kitchen", 3_200, Some(6), "Borosilicate glass with a blue light. One year of warranty."),
    ("Von Travel Kettle 0.8L", "KET-VN-08", "Kitchen", 1_650, Some(3), "Small enough for a bag. 1000 W."),
    ("Nunix Whistling Kettle 3L", "KET-NX-30", "Kitchen", 1_150, Some(0), "For gas and jiko. Enamelled steel."),
    ("Mika Blender 1.5L with Grinder", "BLN-MK-15", "Kitchen", 4_300, Some(11), "500 W, two speeds and pulse, grinder for spices."),
    ("Ramtons Hand Mixer 5 Speed", "MIX-RM-05", "Kitchen", 2_750, Some(7), "Beaters and dough hooks included."),
    ("Von Microwave Oven 20L", "MWO-VN-20", "Kitchen", 9_800, Some(4), "700 W, six power levels, defrost."),
    ("Mika Toaster 2 Slice", "TST-MK-02", "Kitchen", 2_100, Some(14), "Seven browning levels, crumb tray."),
    ("Ramtons Rice Cooker 1.8L", "RCK-RM-18", "Kitchen", 3_450, Some(9), "Keeps warm, steamer tray included."),
    ("Ramtons Air Fryer 4.5L", "AFR-RM-45", "Kitchen", 8_900, Some(5), "1500 W, digital, eight programmes."),
    ("Nunix Gas Cooker 2 Burner", "GCK-NX-02", "Kitchen", 3_600, Some(12), "Table top, auto ignition, for 6 kg and 13 kg cylinders."),
    ("Mika Standing Cooker 3 Gas + 1 Electric", "GCK-MK-31", "Kitchen", 34_500, Some(2), "50 x 55 cm, electric oven, auto ignition."),
    ("Signature Pressure Cooker 6L", "PCK-SG-06", "Kitchen", 5_400, Some(8), "Electric, twelve programmes, non-stick pot."),
    ("Non-stick Cookware Set 10 Pieces", "CKW-NS-10", "Kitchen", 6_750, Some(6), "Granite coating, glass lids, for gas and electric."),
    ("Thermos Flask 1.8L", "FLK-TH-18", "Kitchen", 1_350, Some(25), "Keeps hot for 24 hours."),
    ("Samsung 32\" Smart TV", "TV-SM-32", "TV and sound", 23_900, Some(5), "HD, Wi-Fi, YouTube and Netflix, two HDMI. Two years of warranty."),
    ("Hisense 43\" Smart TV 4K", "TV-HS-43", "TV and sound", 36_500, Some(3), "4K, Vidaa, three HDMI. Two years of warranty."),
    ("TCL 55\" Google TV 4K", "TV-TC-55", "TV and sound", 58_900, Some(1), "4K HDR, Google TV, voice remote. Two years of warranty."),
    ("TV Wall Bracket 32-55\"", "TV-BR-55", "TV and sound", 1_200, Some(30), "Tilting, up to 35 kg."),
    ("Vitron Subwoofer 2.1 Bluetooth", "SND-VT-21", "TV and sound", 5_900, Some(9), "10,000 W PMPO, FM, USB, Bluetooth."),
    ("JBL Go 4 Bluetooth Speaker", "SND-JB-G4", "TV and sound", 6_500, Some(4), "Waterproof, seven hours of music."),
    ("GOtv Decoder with Antenna", "DEC-GO-01", "TV and sound", 1_999, Some(0), "One month of GOtv Value included."),
    ("Oraimo Power Bank 20000mAh", "PWB-OR-20", "Phones and power", 3_100, Some(22), "Fast charge 22.5 W, two USB ports."),
    ("Oraimo Charger 20W USB-C", "CHG-OR-20", "Phones and power", 1_250, Some(40), "Fast charger with USB-C cable."),
    ("Oraimo FreePods 4 Earbuds", "EAR-OR-F4", "Phones and power", 4_200, Some(10), "Noise cancelling, 35 hours with the case."),
    ("USB-C Cable 1m", "CBL-UC-01", "Phones and power", 350, None, "Braided, fast charge."),
    ("Extension Cable 4 Way 3m", "EXT-04-3", "Phones and power", 950, Some(35), "Fuse and surge guard, 13 A."),
    ("TV Guard Voltage Protector", "GRD-TV-01", "Phones and power", 1_450, Some(16), "Protects against high, low and returning power."),
    ("Fridge Guard Voltage Protector", "GRD-FR-01", "Phones and power", 1_650, Some(5), "For fridges and freezers, with delay."),
    ("d.light Solar Home System 3 Lamps", "SOL-DL-03", "Phones and power", 12_500, Some(4), "Panel, battery, three lamps, phone charging."),
    ("LED Bulb 9W B22 Pack of 4", "LED-09-4", "Home", 600, None, "Daylight. Pin type."),
    ("Philips Steam Iron 2000W", "IRN-PH-20", "Home", 3_900, Some(7), "Non-stick soleplate, spray and steam."),
    ("Ramtons Dry Iron", "IRN-RM-DR", "Home", 1_550, Some(19), "Light, non-stick, 1200 W."),
    ("Standing Fan 16\"", "FAN-ST-16", "Home", 3_300, Some(8), "Three speeds, timer, quiet."),
    ("Von Vacuum Cleaner 1600W", "VAC-VN-16", "Home", 8_200, Some(3), "Bagless, two litres."),
    ("Water Dispenser Hot and Normal", "WDP-HN-01", "Home", 6_900, Some(5), "Top load, for 18.9 l bottles."),
    ("Hisense Fridge 120L Double Door", "FRG-HS-120", "Cooling and laundry", 28_500, Some(2), "Energy class A+, defrost by button. Two years of warranty."),
    ("Bruhm Chest Freezer 150L", "FRZ-BR-150", "Cooling and laundry", 27_900, Some(0), "Fast freeze, lock and key."),
    ("Ramtons Twin Tub Washing Machine 7kg", "WSH-RM-07", "Cooling and laundry", 17_800, Some(3), "Semi-automatic. Two years of warranty."),
    ("LG Front Load Washing Machine 8kg", "WSH-LG-08", "Cooling and laundry", 62_000, Some(1), "Inverter, steam, 1400 rpm. Two years of warranty."),
    ("Clothes Drying Rack", "RCK-CL-01", "Cooling and laundry", 2_200, None, "Folds flat, stainless steel."),
];

/// A service: name, category, price in whole shillings, minutes, description.
pub(super) type Work = (&'static str, &'static str, i64, i64, &'static str);

#[rustfmt::skip] // One service, one line.
pub(super) const SERVICES: &[Work] = &[
    ("TV Wall Mounting", "Installation", 1_500, 60, "Bracket not included. Within Nairobi."),
    ("Washing Machine Installation", "Installation", 2_000, 90, "Connection, levelling and a first wash together."),
    ("Cooker Installation and Gas Check", "Installation", 1_800, 60, "Hose, regulator and leak test."),
    ("Fridge Repair Visit", "Repair", 1_500, 60, "Diagnosis at your home; parts are extra."),
    ("Small Appliance Repair", "Repair", 800, 45, "Kettles, blenders, irons. Bring it to the shop."),
    ("Same Day Delivery Nairobi", "Delivery", 500, 120, "Ordered before 2 pm, within Nairobi."),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::{
        catalog::{LOW_STOCK, ProductDraft},
        money::{Currency, Money},
    };

    use super::*;

    #[test]
    fn every_good_is_a_valid_product_and_the_stock_shows_every_case() {
        let mut names = BTreeSet::new();
        let mut skus = BTreeSet::new();
        for (name, sku, category, price, _, description) in PRODUCTS {
            assert!(
                names.insert(name.to_lowercase()) && skus.insert(*sku),
                "{name} stands there twice"
            );
            ProductDraft::new(
                name,
                description,
                sku,
                category,
                Money::new(price * 100, Currency::KES),
            )
            .expect(name);
        }
        assert!((38..=45).contains(&PRODUCTS.len()) && SERVICES.len() == 6);
        let stock = |fits: fn(Option<i64>) -> bool| PRODUCTS.iter().filter(|good| fits(good.4)).count();
        assert!(stock(|count| count == Some(0)) >= 2, "some are out");
        assert!(
            stock(|count| count.is_some_and(|count| count > 0 && count <= LOW_STOCK)) >= 3,
            "some are low"
        );
        assert!(stock(|count| count.is_none()) >= 2, "some are not counted");
    }
}
