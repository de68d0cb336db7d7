//! Words of signing in and out.

pub const SIGN_IN: &str = "Sign in";
pub const SIGN_OUT: &str = "Sign out";
pub const TITLE: &str = "Sign in to your desk";
pub const LEAD: &str = "Your customers’ WhatsApp messages, what the bot answered, and what needs a person.";
pub const EMAIL: &str = "E-mail address";
pub const PASSWORD: &str = "Password";
pub const SHOW_PASSWORD: &str = "Show password";
pub const FORGOTTEN: &str = "Forgot your password? Ask whoever runs this server.";
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
