//! Words of the team.

use contract::team::ScopeWhy;
use domain::access::Effect;

pub const MEMBERS: &str = "Members";
pub const MEMBERS_LEAD: &str = "Who works in this business, and the roles that say what they may do.";
pub const BACK_TO_MEMBERS: &str = "All members";
pub const NAME: &str = "Name";
pub const EMAIL: &str = "E-mail address";
pub const ROLES: &str = "Roles";
pub const NO_ROLE: &str = "No role";
pub const FACTOR: &str = "Second factor";
pub const FACTOR_ON: &str = "on";
pub const FACTOR_OFF: &str = "none";
pub const SINCE: &str = "Here since";
pub const YOU: &str = " (you)";
pub const EXCEPTIONS: &str = "exceptions";

pub const RULE: &str = "Second factor for everybody";
pub const RULE_LEAD: &str = "Members without one can then do nothing here but set one up. It is the best protection against stolen passwords.";
pub const RULE_ON: &str = "It is required of every member.";
pub const RULE_OFF: &str = "It is not required.";
pub const RULE_START: &str = "Require it";
pub const RULE_STOP: &str = "No longer require it";

pub const INVITE: &str = "Invite somebody";
pub const INVITE_LEAD: &str = "They get a link by mail, good for seven days and for one person.";
pub const WITH_ROLES: &str = "With these roles";
pub const SEND_INVITATION: &str = "Send the invitation";
pub const OPEN_INVITATIONS: &str = "Invited, not here yet";
pub const EXPIRES: &str = "Good until";
pub const EXPIRED: &str = "expired";
pub const SEND_AGAIN: &str = "Send again";
pub const TAKE_BACK: &str = "Take back";

pub const AT_ONCE: &str = "A change counts from their very next click, in every browser.";
pub const HAS_IT: &str = "has it";
pub const GIVE: &str = "Give";
pub const ASK_FOR_IT: &str = "Ask for it";
pub const ASK_ROLE: &str = "Ask for a role";
pub const ASK_ROLE_LEAD: &str = "This role reaches money, or who may reach it, so a colleague has to agree. It is given as soon as they do.";
pub const TAKE: &str = "Take away";
pub const REMOVE: &str = "Remove from the business";
pub const WHY: &str = "What they may do, and why";
pub const WHY_LEAD: &str =
    "A permission comes from a role or from an exception. A denial wins over everything.";
pub const PERMISSION: &str = "Permission";
pub const PERMISSIONS: &str = "Permissions";
pub const MAY: &str = "May";
pub const BECAUSE: &str = "Because";
pub const YES: &str = "yes";
pub const NO: &str = "no";
pub const EXCEPTION: &str = "Make an exception";
pub const EXCEPTION_LEAD: &str = "For one person and one permission, beside or in spite of their roles.";
pub const EXCEPTION_GRANT: &str = "May do it, whatever the roles say";
pub const EXCEPTION_DENY: &str = "May not do it, whatever the roles say";
pub const EXCEPTION_SET: &str = "Make the exception";
pub const EXCEPTION_BACK: &str = "Take the exception back";
pub const EFFECT: &str = "Exception";
pub const REASON: &str = "Reason";
pub const REASON_HINT: &str = "Stands in the audit log, for whoever asks later.";

pub const ROLES_LEAD: &str = "A role is a list of permissions. Members have one or several.";
pub const NEW_ROLE: &str = "Make a role";
pub const CHANGE_ROLE: &str = "Change this role";
pub const ROLE_NAME: &str = "Name of the role";
pub const SAVE_ROLE: &str = "Save the role";
pub const DELETE_ROLE: &str = "Delete this role";
pub const BUILT_IN: &str = "came with the business";

pub const KEYS: &str = "API keys";
pub const KEYS_LEAD: &str = "With a key, another program asks the API for this business: for whoever made the key, with the permissions chosen here, and never more than that person has.";
pub const NO_KEYS: &str = "No keys yet";
pub const NO_KEYS_WHY: &str = "Make one for your web shop, your till or a script.";
pub const NEW_KEY: &str = "Make a key";
pub const KEY_NAME_HINT: &str = "What it is for.";
pub const KEY_DAYS: &str = "Works for so many days";
pub const KEY_DAYS_HINT: &str = "1 to 366; empty for ever.";
pub const MAKE_KEY: &str = "Make the key";
pub const LAST_USED: &str = "Last used";
pub const NEVER: &str = "never";
pub const REVOKE: &str = "Revoke";

pub fn sent_to(email: &str) -> String {
    format!("An invitation is on its way to {email}.")
}

pub fn hand_over(email: &str) -> String {
    format!(
        "This installation sends no mail. Give {email} this link yourself; it is shown now and never again:"
    )
}

pub fn by(name: &str) -> String {
    format!("by {name}")
}

pub fn given(by: &str) -> String {
    format!("Given {by}")
}

pub fn remove(name: &str) -> String {
    format!("Remove {name}")
}

pub fn remove_lead(name: &str) -> String {
    format!(
        "{name} loses every role here, and keys they made stop working. What they did stays in the log under their name."
    )
}

pub fn held_by(members: i64) -> String {
    match members {
        0 => "nobody has it".to_owned(),
        1 => "1 member has it".to_owned(),
        many => format!("{many} members have it"),
    }
}

pub fn key_made(name: &str) -> String {
    format!("The key “{name}”. It is shown now and never again: copy it.")
}

/// Why somebody may do something, or what would let them.
pub fn because(why: &ScopeWhy) -> String {
    if let Some(exception) = &why.exception {
        let what = match exception.effect {
            Effect::Grant => "An exception allows it",
            Effect::Deny => "An exception denies it",
        };
        return format!(
            "{what}: {} (by {}, {})",
            exception.reason, exception.by, exception.when.day
        );
    }
    match (why.from_roles.as_slice(), why.would_come_from.as_slice()) {
        ([], []) => "No role allows it.".to_owned(),
        ([], roles) => format!("No role of theirs allows it. These would: {}.", roles.join(", ")),
        (roles, _) => format!("The role {} allows it.", roles.join(", ")),
    }
}
