//! Pages that are loaded when they are opened, each in a part of its own: the first load is the frame alone.
//!
//! Never knows what a page shows.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::{
    access::SignInPage,
    catalog::{NewProductPage, ProductPage, ProductsPage},
    channels::{ChannelsPage, WebhookLogPage},
    gallery::GalleryPage,
    inbox::{InboxPage, ThreadPage},
    simulator::SimulatorPage,
    tenancy::{AuditPage, BotSettingsPage, MembersPage, StartPage},
};

pub struct Products;

#[lazy_route]
impl LazyRoute for Products {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <ProductsPage/> }.into_any()
    }
}

pub struct NewProduct;

#[lazy_route]
impl LazyRoute for NewProduct {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <NewProductPage/> }.into_any()
    }
}

pub struct Product;

#[lazy_route]
impl LazyRoute for Product {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <ProductPage/> }.into_any()
    }
}

pub struct Start;

#[lazy_route]
impl LazyRoute for Start {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <StartPage/> }.into_any()
    }
}

pub struct Channels;

#[lazy_route]
impl LazyRoute for Channels {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <ChannelsPage/> }.into_any()
    }
}

pub struct WebhookLog;

#[lazy_route]
impl LazyRoute for WebhookLog {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <WebhookLogPage/> }.into_any()
    }
}

pub struct BotSettings;

#[lazy_route]
impl LazyRoute for BotSettings {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <BotSettingsPage/> }.into_any()
    }
}

pub struct Members;

#[lazy_route]
impl LazyRoute for Members {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <MembersPage/> }.into_any()
    }
}

pub struct Audit;

#[lazy_route]
impl LazyRoute for Audit {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <AuditPage/> }.into_any()
    }
}

pub struct Simulator;

#[lazy_route]
impl LazyRoute for Simulator {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <SimulatorPage/> }.into_any()
    }
}

pub struct Gallery;

#[lazy_route]
impl LazyRoute for Gallery {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <GalleryPage/> }.into_any()
    }
}

pub struct SignIn;

#[lazy_route]
impl LazyRoute for SignIn {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <SignInPage/> }.into_any()
    }
}

pub struct Inbox;

#[lazy_route]
impl LazyRoute for Inbox {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <InboxPage/> }.into_any()
    }
}

pub struct OpenThread;

#[lazy_route]
impl LazyRoute for OpenThread {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <ThreadPage/> }.into_any()
    }
}
