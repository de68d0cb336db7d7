//! Words of the room `tenancy`.

pub const START: &str = "Your shop in 60 seconds";
pub const START_LEAD: &str = "Paste the price list you already have. The phone beside it answers your customers' questions from it at once.";
pub const STEP_PRODUCTS: &str = "Paste your prices";
pub const STEP_TRY: &str = "Ask as a customer";
pub const STEP_CONNECT: &str = "Connect WhatsApp";
pub const STEP_VERIFIED: &str = "First signed message";
pub const DONE: &str = "done";
pub const TO_DO: &str = "to do";

pub const PASTE: &str = "Your price list";
pub const PASTE_HINT: &str = "One product a line: the name, the price, and x5 for five in stock. A column from a spreadsheet works too.";
pub const PASTE_EXAMPLE: &str = "Kettle 1,200 x5\nToaster 2,500 x2\nPhone charger 20W 950";
pub const READ: &str = "Read the list";
pub const READING: &str = "Reading…";
pub const ROWS: &str = "What was read";
pub const ROWS_HINT: &str = "Mend anything that is wrong. Empty a row to leave it out. A name you already have gets the new price and stock.";
pub const NO_ROWS: &str =
    "No line could be read. Each needs a name and, after it, a price: “Kettle 1,200 x5”.";
pub const IMPORT: &str = "Import these products";
pub const IMPORTING: &str = "Importing…";
pub const LINE: &str = "Line";
pub const NAME: &str = "Name";
pub const PRICE: &str = "Price";
pub const STOCK: &str = "Stock";
pub const PROBLEMS: &str = "Lines that were not read";
pub const PROBLEMS_HINT: &str =
    "Write them so in the list above, then read it again: name, price, then the stock.";
pub const MAY_NOT_EDIT: &str =
    "Adding products needs the permission to change the catalogue. Ask an owner of this business.";

pub const TRY: &str = "Ask as a customer";
pub const TRY_WHY: &str = "Each answer names the product it came from.";
pub const CONNECT: &str = "Connect WhatsApp";
pub const CONNECT_WHY: &str = "Your prices are ready. Connect your WhatsApp number, then write to it from your own phone to see them answered.";
pub const CONNECT_DEMO_WHY: &str =
    "This business has no number yet. Connect one, then a phone appears here to try it.";

pub const BOT: &str = "What the bot may answer";
pub const BOT_LEAD: &str = "For each kind of question: the bot answers by itself, or it writes a suggestion that a person sends. Below the threshold it never acts.";
pub const INTENT: &str = "Question";
pub const THRESHOLD: &str = "Threshold";
pub const MODE: &str = "The bot";
pub const AUTO: &str = "Answers by itself";
pub const SUGGEST: &str = "Suggests to staff";
pub const SAVE: &str = "Save";
pub const SAVED: &str = "Saved";
pub const FOR_STAFF: &str = "Handed to staff as a task";

pub const AUDIT: &str = "Audit log";
pub const AUDIT_LEAD: &str = "Who did what, and when. Entries can't be changed or removed.";
pub const NO_AUDIT: &str = "Nothing is recorded yet";
pub const NO_AUDIT_WHY: &str =
    "Sign-ins and changes of products, channels and settings appear here, with who made them.";
/// Groups of actions, as one can ask for them.
pub const GROUPS: [(&str, &str); 10] = [
    ("access", "Sign-ins and access"),
    ("audit", "Exports of the log"),
    ("channel", "Channels"),
    ("consent", "Consent"),
    ("conversation", "Conversations"),
    ("member", "Members"),
    ("product", "Products"),
    ("service", "Services"),
    ("settings", "Settings"),
    ("tenant", "The business"),
];
pub const GROUP: &str = "About";
pub const KIND: &str = "Kind";
pub const EVERYTHING: &str = "Everything";
pub const PERSON: &str = "Person";
pub const EVERYBODY: &str = "Everybody";
pub const FROM: &str = "From";
pub const TO: &str = "To";
pub const SHOW: &str = "Show";
pub const SHOW_ALL: &str = "Show all";
pub const EXPORT: &str = "Download as CSV";
pub const NOTHING_FITS: &str = "Nothing fits";
pub const NOTHING_FITS_WHY: &str =
    "No entry fits all of the filters above. Take one away, or choose other days.";

pub const SECURITY: &str = "Security events";
pub const SECURITY_LEAD: &str = "What was refused: wrong passwords, missing permissions, webhook calls that were not signed for your number. Kept for 30 days.";
pub const NO_SECURITY: &str = "Nothing was refused";
pub const NO_SECURITY_WHY: &str = "A wrong password or a badly signed webhook call appears here within half a minute, counted by the minute.";

/// An action of the audit log; one that has no words yet keeps its code.
pub fn did(action: &str) -> String {
    match action {
        "access.signed_in" => "Signed in",
        "access.signed_out" => "Signed out",
        "access.password_changed" => "Changed the password",
        "access.revoked" => "Access revoked by the operator",
        "access.sessions_ended" => "Signed out in other browsers",
        "audit.exported" => "Downloaded the audit log",
        "audit.security_events_exported" => "Downloaded the security events",
        "channel.connected" => "Connected a number",
        "consent.changed" => "Changed consent",
        "conversation.given_back" => "Gave back to the bot",
        "conversation.taken_over" => "Took over",
        "encryption.key_changed" => "Encryption key changed by the operator",
        "member.added" => "Added to the business",
        "platform.access_revoked" => "Ended sessions and tokens",
        "platform.attested" => "Noted what was done by hand",
        "platform.channel_connected" => "Connected a number of a business",
        "platform.keys_rotated" => "Encrypted everything with another key",
        "platform.owner_created" => "Made the owner of a business",
        "platform.owner_invited" => "Invited the owner of a business",
        "platform.password_set" => "Gave somebody a new password",
        "platform.passwords_expired" => "Forced new passwords",
        "platform.restored" => "Brought a backup back",
        "platform.second_factor_removed" => "Removed somebody’s second factor",
        "platform.staff_imported" => "Brought somebody along to a business",
        "product.archived" => "Archived",
        "product.created" => "Created",
        "product.edited" => "Edited",
        "product.imported" => "Imported",
        "product.restored" => "Restored",
        "product.stock_adjusted" => "Adjusted stock",
        "service.created" => "Created",
        "settings.answer_mode" => "Changed what the bot may answer",
        "tenant.created" => "Opened the business",
        other => other,
    }
    .to_owned()
}

pub const OLDER: &str = "Show older";
pub const NEWEST: &str = "Back to the newest";

/// What an import did.
pub fn imported(created: u32, updated: u32) -> String {
    let products = |count: u32| {
        if count == 1 {
            "1 product was".to_owned()
        } else {
            format!("{count} products were")
        }
    };
    match (created, updated) {
        (created, 0) => format!("{} added. Now ask for a price.", products(created)),
        (0, updated) => format!("{} updated. Now ask for a price.", products(updated)),
        (created, updated) => format!(
            "{} added and {updated} updated. Now ask for a price.",
            products(created)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::imported;

    #[test]
    fn an_import_counts_what_it_did() {
        assert_eq!(imported(1, 0), "1 product was added. Now ask for a price.");
        assert_eq!(imported(0, 2), "2 products were updated. Now ask for a price.");
        assert_eq!(
            imported(3, 1),
            "3 products were added and 1 updated. Now ask for a price."
        );
    }
}
