//! Words of signing in and out.

pub const SIGN_IN: &str = "Sign in";
pub const SIGN_OUT: &str = "Sign out";
pub const TITLE: &str = "Sign in to your desk";
pub const LEAD: &str = "Your customers’ WhatsApp messages, what the bot answered, and what needs a person.";
pub const EMAIL: &str = "E-mail address";
pub const PASSWORD: &str = "Password";
pub const SHOW_PASSWORD: &str = "Show password";
pub const FORGOTTEN: &str = "Forgot your password? Whoever runs this server can give you a new one.";
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
