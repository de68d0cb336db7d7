//! The interface's words, one module a room, so that they can be read and translated in one place.

pub mod access;
pub mod approvals;
pub mod catalog;
pub mod channels;
pub mod inbox;
pub mod layout;
pub mod platform;
pub mod simulator;
pub mod team;
pub mod tenancy;
pub mod wallet;

/// Faults on the way to a service.
pub mod faults {
    pub const UNREACHABLE: &str =
        "The server did not answer. Nothing was changed. Check the connection, then try again.";
    pub const UNREADABLE: &str =
        "The form could not be read. Nothing was changed. Reload the page, then try again.";
    pub const BROKEN: &str = "Something went wrong on our side. Nothing was changed. Try again in a moment.";
    pub const NO_FRONT_DOOR: &str = "Signing in is not possible right now. Try again in a moment.";
}

/// Words of the parts that every page uses.
pub mod shared {
    pub const LOADING: &str = "Loading";
    pub const MORE: &str = "Show more";
    pub const CLOSE: &str = "Close";
    pub const DISMISS: &str = "Dismiss";
    pub const UNDO: &str = "Undo";
    pub const REFERENCE: &str = "Reference";
    pub const NOT_FOUND: &str = "Not here";
    pub const NOT_ALLOWED: &str = "You may not see this";
    pub const SIGNED_OUT: &str = "You are signed out";
    pub const FAILED: &str = "This could not be loaded";
}

/// How far a message is.
pub mod delivery {
    use domain::conversations::DeliveryStatus;

    pub const fn word(status: DeliveryStatus) -> &'static str {
        match status {
            DeliveryStatus::Queued | DeliveryStatus::Sending | DeliveryStatus::Accepted => "On its way",
            DeliveryStatus::Unknown => "Being checked",
            DeliveryStatus::Sent => "Sent",
            DeliveryStatus::Delivered => "Delivered",
            DeliveryStatus::Read => "Read",
            DeliveryStatus::Failed | DeliveryStatus::Undelivered => "Not delivered",
            DeliveryStatus::Canceled => "Canceled",
        }
    }
}
