//! Words of signing in and out.

pub const SIGN_IN: &str = "Sign in";
pub const SIGN_OUT: &str = "Sign out";
pub const TITLE: &str = "Sign in to your desk";
pub const LEAD: &str = "Your customers’ WhatsApp messages, what the bot answered, and what needs a person.";
pub const EMAIL: &str = "E-mail address";
pub const PASSWORD: &str = "Password";
pub const SHOW_PASSWORD: &str = "Show password";
pub const FORGOTTEN: &str = "Forgot your password?";
pub const OPEN_A_BUSINESS: &str = "Open a new business";
pub const BACK_TO_SIGN_IN: &str = "Back to signing in";
pub const CODE_TITLE: &str = "Your second factor";
pub const CODE_LEAD: &str = "Your password was right. Your account also asks for your second factor.";
pub const CODE: &str = "Code";
pub const CODE_HINT: &str =
    "Six digits of your app. If you don’t have your device: one of your recovery codes.";
pub const DEMO_CODE: &str = "Demo: your app would show";
pub const FORGOT_TITLE: &str = "Forgot your password";
pub const FORGOT_LEAD: &str = "We mail you a link with which you choose a new one. It works for an hour.";
pub const SEND_LINK: &str = "Send me a link";
pub const RESET_TITLE: &str = "Choose a new password";
pub const RESET_DONE: &str =
    "Your password is changed, and you are signed out everywhere. Sign in with the new one.";
pub const LINK_SPENT: &str =
    "This link does not work any more: it was used, replaced by a newer one, or is older than an hour.";
pub const INVITATION_TITLE: &str = "You are invited";
pub const YOUR_NAME: &str = "Your name";
pub const YOUR_NAME_HINT: &str = "As your colleagues know you.";
pub const KNOWN_PASSWORD_HINT: &str = "This address has an account already: the password you sign in with.";
pub const JOIN: &str = "Join";
pub const REGISTER_TITLE: &str = "Open a new business";
pub const REGISTER_LEAD: &str =
    "You become its owner. We mail you a link first, to be sure that the address is yours.";
pub const REGISTER: &str = "Open it";
pub const BUSINESS_NAME: &str = "Name of the business";
pub const CURRENCY: &str = "Currency of your prices";
pub const TIMEZONE: &str = "Time zone";
pub const TIMEZONE_HINT: &str = "Such as Africa/Nairobi.";
pub const FINISH_TITLE: &str = "Your address is confirmed";
pub const FINISH_LEAD: &str = "One press opens your business and signs you in.";
pub const FINISH: &str = "Open my business";
pub const OPEN_MAILBOX: &str = "This is a demo: read the mail here";
pub const MAILBOX: &str = "Mail of the demo";
pub const MAILBOX_LEAD: &str =
    "A demo sends no mail. What it would have sent stands here, for everybody on this machine.";
pub const MAILBOX_EMPTY: &str = "No mail yet";
pub const MAILBOX_EMPTY_WHY: &str = "Invite a colleague, or say that you forgot your password.";
pub const MAIL_TO: &str = "To";
pub const SHOWN: &str = "Confirmed. Now repeat what you were doing: nothing was changed before.";
pub const SHOW_IT_IS_YOU: &str = "It is me";
pub const FACTOR_TITLE: &str = "Second factor";
pub const FACTOR_LEAD: &str =
    "With a second factor, your password alone lets nobody in. Changing members, roles and keys asks for it.";
pub const APP_LEAD: &str = "An app on your phone shows a code that changes every 30 seconds.";
pub const FACTOR_BEGIN: &str = "Set up an app";
pub const FACTOR_ON: &str = "on";
pub const FACTOR_REMOVE: &str = "Remove";
pub const FACTOR_STEP_SCAN: &str =
    "Open an authenticator app (such as Aegis, 2FAS or Google Authenticator) and let it see this picture.";
pub const FACTOR_STEP_CODE: &str = "Type the code that it shows.";
pub const FACTOR_TYPE: &str = "Without a camera, type this key into the app:";
pub const FACTOR_OPEN_APP: &str = "Open the app on this phone";
pub const FACTOR_PICTURE: &str = "Picture for the app’s camera";
pub const FACTOR_CONFIRM: &str = "Turn it on";
pub const APP_TITLE: &str = "Authenticator app";
pub const PASSKEYS_TITLE: &str = "Passkeys";
pub const PASSKEYS_LEAD: &str = "A passkey is kept by your phone, computer or security key, and works by fingerprint, face or PIN. It signs you in without a password, and can’t be given away to a false page.";
pub const PASSKEYS_NEED_NAME: &str =
    "Passkeys need an address with a name: whoever runs this installation can set PUBLIC_BASE_URL to one.";
pub const PASSKEYS_NEED_BROWSER: &str = "This browser can’t set up passkeys.";
pub const PASSKEY_ADD: &str = "Add a passkey";
pub const PASSKEY_NAME: &str = "Name of the passkey";
pub const PASSKEY_NAME_HINT: &str = "To tell it from your other ones.";
pub const PASSKEY_ADDED: &str = "Your passkey is ready: from now on you can sign in with it.";
pub const PASSKEY_REMOVE: &str = "Remove";
pub const PASSKEY_COLUMN: &str = "Passkey";
pub const PASSKEY_SINCE: &str = "Added";
pub const PASSKEY_NEVER: &str = "not yet";
pub const PASSKEY_USE: &str = "Sign in with a passkey";
pub const PASSKEY_CONFIRM: &str = "Use your passkey";
pub const PASSKEY_CANCELLED: &str =
    "No passkey was used: it was cancelled, took too long, or there is none on this device.";
pub const PASSKEY_THERE: &str = "This device has a passkey for your account already.";
pub const PASSKEY_BROKEN: &str = "The browser could not use a passkey.";
pub const OR: &str = "or";
pub const NEW_CODES: &str = "New recovery codes";
pub const CODES_TITLE: &str = "Keep these recovery codes";
pub const CODES_LEAD: &str = "Each lets you in once when you don’t have your device. They are shown now and never again: print them, or keep them where you keep passwords.";

pub fn reset_sent(email: &str) -> String {
    format!("If {email} has an account, a link is on its way. It works for an hour.")
}

pub fn registration_sent(email: &str) -> String {
    format!("A link is on its way to {email}. It works for a day.")
}

pub fn invited_by(name: &str) -> String {
    format!("{name} invites you to join")
}

pub fn invited_as(roles: &[String]) -> String {
    format!("as {}.", roles.join(", "))
}

pub fn required_by(businesses: &[String]) -> String {
    format!(
        "{} requires a second factor of its members.",
        businesses.join(", ")
    )
}

pub fn codes_left(left: i64) -> String {
    match left {
        1 => "1 recovery code is left.".to_owned(),
        left => format!("{left} recovery codes are left."),
    }
}
pub const ACCOUNT: &str = "Your account";
pub const ACCOUNT_LEAD: &str = "How you sign in, and where you are signed in.";
pub const PASSWORD_TITLE: &str = "Password";
pub const PASSWORD_LEAD: &str =
    "Changing it signs you out everywhere else, and ends the API tokens made with the old one.";
pub const CURRENT_PASSWORD: &str = "Current password";
pub const NEW_PASSWORD: &str = "New password";
pub const NEW_PASSWORD_HINT: &str =
    "8 to 128 characters. Several words you don’t use elsewhere are easy to keep in mind and hard to guess.";
pub const CHANGE_PASSWORD: &str = "Change the password";
pub const PASSWORD_CHANGED: &str = "Your password is changed. You are signed out everywhere else.";
pub const STRENGTH: &str = "How hard it is to guess";
pub const SESSIONS: &str = "Where you are signed in";
pub const SESSIONS_LEAD: &str = "If you don’t know one of these, sign it out and change your password.";
pub const DEVICE: &str = "Browser";
pub const ADDRESS: &str = "Address";
pub const SINCE: &str = "Signed in";
pub const LAST_USED: &str = "Last used";
pub const THIS_BROWSER: &str = "this browser";
pub const SIGN_OUT_THERE: &str = "Sign out there";
pub const SIGN_OUT_ELSEWHERE: &str = "Sign out everywhere else";
pub const FAILED_TITLE: &str = "Sign-ins that failed";
pub const FAILED_LEAD: &str = "Wrong passwords and codes for your account in the last 30 days. If most were not yours, choose a new password and set up a second factor.";
pub const FAILED_NONE: &str = "None in the last 30 days.";
pub const FAILED_WHEN: &str = "When";
pub const FAILED_WHAT: &str = "What";
pub const NETWORK: &str = "From";
pub const NOWHERE_ELSE: &str = "You are signed in nowhere else.";

pub const fn strength(strength: domain::password::Strength) -> &'static str {
    use domain::password::Strength;
    match strength {
        Strength::Weak => "Weak",
        Strength::Fair => "Fair",
        Strength::Good => "Good",
        Strength::Strong => "Strong",
    }
}

/// One line of the failed sign-ins.
pub fn failed(times: i64, was_turned_away: bool) -> String {
    match (was_turned_away, times) {
        (false, 1) => "wrong password or code".to_owned(),
        (false, times) => format!("{times} wrong passwords or codes"),
        (true, 1) => "too many tries: one turned away".to_owned(),
        (true, times) => format!("too many tries: {times} turned away"),
    }
}

/// What was done, for the page to say.
pub fn signed_out_in(browsers: usize) -> String {
    match browsers {
        0 => NOWHERE_ELSE.to_owned(),
        1 => "You are signed out in 1 other browser.".to_owned(),
        many => format!("You are signed out in {many} other browsers."),
    }
}

pub const DEMO_TITLE: &str = "This is a demo";
pub const DEMO_LEAD: &str = "Try it as one of these people. The password is the same for all of them:";
pub const DEMO_USE: &str = "Fill in";
pub const PROMISES: [(&str, &str, &str); 3] = [
    (
        "icon-[lucide--tag]",
        "True prices only",
        "The bot answers from your own product list and shows which line it used.",
    ),
    (
        "icon-[lucide--hand]",
        "A person whenever it matters",
        "Take a conversation over at any time; the bot stays silent until you give it back.",
    ),
    (
        "icon-[lucide--shield-check]",
        "Your customers’ data stays yours",
        "Kept on this installation, readable only by the people you appoint.",
    ),
];

pub const FACTOR_FIRST: &str = "A second factor first";
pub const GO_ON: &str = "Go on";

pub fn factor_first_why(business: &str) -> String {
    format!("{business} requires a second factor of its members. Set one up; it takes a minute.")
}
