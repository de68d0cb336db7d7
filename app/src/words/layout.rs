//! Words of the frame around the pages.

pub const SKIP: &str = "Skip to the content";
pub const HOME: &str = "WabotIQ, home";
pub const MAIN_NAVIGATION: &str = "Main";
pub const INBOX: &str = "Inbox";
pub const PRODUCTS: &str = "Products";
pub const CHANNELS: &str = "Channels";
pub const BOT: &str = "Bot";
pub const WALLET: &str = "Wallet";
pub const APPROVALS: &str = "Approvals";
pub const UNREAD: &str = "unread";
pub const WAITING: &str = "waiting for you";
pub const TEAM: &str = "Team";
pub const BUSINESSES: &str = "Businesses";
pub const PLATFORM: &str = "Platform";
pub const ACCESS: &str = "Access";
pub const ENCRYPTION_KEYS: &str = "Keys";
pub const AUDIT: &str = "Audit";
pub const SECURITY: &str = "Security events";
pub const PHONE: &str = "Phone";
pub const MORE: &str = "More";
pub const YOUR_ACCOUNT: &str = "Your account";
pub const START: &str = "Your shop in 60 seconds";
pub const WEBHOOK_LOG: &str = "Webhook log";
pub const GALLERY: &str = "Gallery of parts";
pub const BUSINESS: &str = "Business";
pub const SWITCH_BUSINESS: &str = "Switch business";
pub const ACCOUNT: &str = "Account and appearance";
pub const APPEARANCE: &str = "Appearance";
pub const KEYBOARD: &str = "Keyboard shortcuts";
pub const PALETTE: &str = "Go to";
pub const PALETTE_HINT: &str = "Type a page’s name";
pub const PALETTE_NONE: &str = "No page has this name.";
pub const LOST_TITLE: &str = "This page does not exist";
pub const LOST_WHY: &str = "The address may be mistyped, or what was here is gone.";
pub const GO_HOME: &str = "Go to the inbox";
pub const RECONNECTING: &str = "Connection lost. New messages appear as soon as it is back.";

pub const fn theme(theme: crate::access::theme::Theme) -> &'static str {
    use crate::access::theme::Theme;
    match theme {
        Theme::System => "As the device",
        Theme::Light => "Light",
        Theme::Dark => "Dark",
    }
}

/// Keys and what they do.
pub const KEYS: &[(&str, &str)] = &[
    ("?", "Show this help"),
    ("Ctrl/⌘ K", "Go to a page"),
    ("/", "Search the inbox"),
    ("J / K", "Next / previous conversation"),
    ("R", "Write a reply"),
    ("Enter", "Send the reply"),
    ("Shift Enter", "New line in the reply"),
    ("Esc", "Close a dialog"),
];

pub const API_KEYS: &str = "API keys";
pub const MAILBOX: &str = "Mail of the demo";
