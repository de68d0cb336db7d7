//! Pages that are loaded when they are opened: everything but the inbox, so that the inbox is there quickly.
//!
//! Never knows what a page shows.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use crate::{
    catalog::{ProductsPage, NewProductPage, ProductPage},
    tenancy::{StartPage, BotSettingsPage, MembersPage, AuditPage},
    channels::{ChannelsPage, WebhookLogPage},
    simulator::{SimulatorPage},
    gallery::{GalleryPage},
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
