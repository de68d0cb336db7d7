//! Who works in the demo's businesses: a table, and nothing else.

/// A business: slug, name, its number on WhatsApp.
pub(super) struct Business {
    pub slug: &'static str,
    pub name: &'static str,
    pub number: &'static str,
    pub stocked: bool,
    /// Name, e-mail address, role.
    pub people: &'static [(&'static str, &'static str, &'static str)],
}

pub(super) const BUSINESSES: &[Business] = &[
    Business {
        slug: "baraka",
        name: "Baraka Home & Electronics",
        number: "whatsapp:+254700000100",
        stocked: true,
        people: &[
            ("Wanjiru Kamau", WANJIRU, "Owner"),
            ("Otieno Ouma", "otieno@baraka.example", "Support lead"),
            ("Asha Mohamed", "asha@baraka.example", "Agent"),
            ("Kevin Mutua", "kevin@baraka.example", "Catalogue manager"),
            ("Njeri Mwangi", NJERI, "Finance"),
            ("Daniel Kiprop", DANIEL, "Approver"),
        ],
    },
    Business {
        slug: "your-shop",
        name: "Your Shop",
        number: "whatsapp:+254700000200",
        stocked: false,
        people: &[("You", "you@your-shop.example", "Owner")],
    },
];

/// Operates the platform: name, e-mail address.
pub(super) const OPERATOR: (&str, &str) = ("Njeri Wambui", "operator@wabotiq.example");

/// Who answers in the conversation that a person owns.
pub(super) const ANSWERING: &str = "asha@baraka.example";

/// Who owns the shop, who asks for its money, and who is the second person.
pub(super) const WANJIRU: &str = "wanjiru@baraka.example";
pub(super) const NJERI: &str = "njeri@baraka.example";
pub(super) const DANIEL: &str = "daniel@baraka.example";

/// Who has a second factor, for money asks for one. The demo shows its codes, so at the front door the password is enough.
pub(super) const WITH_APP: &[&str] = &[WANJIRU, NJERI, DANIEL];

/// Of every account of the demo, and of nothing else.
pub(super) const PASSWORD: &str = "Matatu-47-Kilimani";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_password_passes_our_own_rules_for_everybody() {
        let people = BUSINESSES.iter().flat_map(|business| business.people);
        let people = people.map(|(name, email, _)| (*name, *email)).chain([OPERATOR]);
        for (name, email) in people {
            assert_eq!(
                services::password_rules::check_new_password(PASSWORD, &[name, email]),
                Ok(()),
                "{email}"
            );
        }
    }

    #[test]
    fn every_role_is_one_that_tenants_start_with() {
        for (_, email, role) in BUSINESSES.iter().flat_map(|business| business.people) {
            assert!(
                domain::scopes::BUILT_IN_ROLES
                    .iter()
                    .any(|(name, _)| name == role),
                "{email}: {role}"
            );
        }
        for needed in WITH_APP.iter().chain([&ANSWERING]) {
            let mut people = BUSINESSES.iter().flat_map(|business| business.people);
            assert!(people.any(|(_, email, _)| email == needed), "{needed}");
        }
    }
}
