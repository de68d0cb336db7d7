//! Words of the room `platform`, which only operators see.

pub const BUSINESSES: &str = "Businesses";
pub const BUSINESSES_LEAD: &str =
    "Who works on this installation. What they sell, whom they write to and what they are paid stays theirs.";
pub const NO_BUSINESSES: &str = "No business yet";
pub const NO_BUSINESSES_WHY: &str = "Invite the first owner below.";
pub const NAME: &str = "Name";
pub const SHORT_NAME: &str = "Short name";
pub const MEMBERS: &str = "Members";
pub const MADE: &str = "Since";

pub const OPEN: &str = "Open a business";
pub const OPEN_LEAD: &str =
    "Its first owner gets a link by mail. The business begins when they open it, and appears here then.";
pub const BUSINESS: &str = "Name of the business";
pub const OWNER: &str = "Owner’s name";
pub const EMAIL: &str = "Owner’s e-mail address";
pub const CURRENCY: &str = "Currency";
pub const CURRENCY_HINT: &str = "Three letters, such as KES.";
pub const TIMEZONE: &str = "Time zone";
pub const TIMEZONE_HINT: &str = "A name such as Africa/Nairobi.";
pub const INVITE: &str = "Invite the owner";
pub const INVITED: &str = "The invitation is on its way.";

pub const ACCESS: &str = "Access";
pub const ACCESS_LEAD: &str = "When something happened: end what lets people in. The business’s audit log says that an operator did it, the platform’s says who.";
pub const OF_PERSON: &str = "Of one person";
pub const OF_PERSON_LEAD: &str = "In every business they belong to.";
pub const OF_BUSINESS: &str = "Of everybody in a business";
pub const OF_BUSINESS_LEAD: &str = "Its short name stands in the list of businesses.";
pub const PERSON: &str = "E-mail address";
pub const END_SESSIONS: &str = "End sessions";
pub const NEW_PASSWORDS: &str = "End sessions and force a new password";

pub const KEYS: &str = "Encryption keys";
pub const KEYS_LEAD: &str = "Which key writes, and how many envelopes still name another. A change is made on the machine: `wabotiq rotate-encryption-keys`.";
pub const KEY: &str = "Key";
pub const STATE: &str = "State";
pub const ENVELOPES: &str = "Envelopes";
pub const WRITES: &str = "Writes now";
pub const OLD_NEEDED: &str = "Old, still needed";
pub const OLD: &str = "Old, no envelope names it";
pub const MISSING: &str = "Not configured";

pub fn ended(people: usize, sessions: usize) -> String {
    let of = |count: usize, one: &str, more: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {more}"),
    };
    format!(
        "{} affected, {} ended. API tokens are worthless.",
        of(people, "person", "people"),
        of(sessions, "session", "sessions")
    )
}
