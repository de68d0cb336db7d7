//! The parts that pages are made of: controls, fields, tables, signs. One of each, used everywhere.
//!
//! Never knows a room, a call or a person; takes what to show and says what was pressed.

mod address;
mod button;
mod complaints;
mod dialog;
mod field;
mod message_signs;
mod notices;
mod page;
mod signs;
mod table;
mod toast;

pub use address::{address, escape_query};
pub use button::{Button, IconButton, LinkButton, Variant};
pub use complaints::{Complaints, wrong_field};
pub use dialog::Dialog;
pub use field::{Choice, Field, FieldError, SearchField, Select, TextArea};
pub use message_signs::{DeliveryTicks, IntentChip, OwnerBadge};
pub use notices::{Banner, EmptyState, Failure, FormFailure, Skeleton};
pub use page::{PageBody, PageHeader, Panel, Tab, Tabs};
pub use signs::{Avatar, Badge, Icon, Kbd, Logo, Stat, TimeLabel, Tone};
pub use table::{Cell, Column, DataTable, LoadMore};
pub use toast::{ToastRegion, Toasts, provide_toasts, use_toasts};
