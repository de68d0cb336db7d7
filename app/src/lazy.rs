//! Pages that are loaded when they are opened: the first load is the frame alone. Pages that are used together come
//! together, for code that two parts share is a file of its own.
//!
//! Never knows what a page shows.

use leptos::{lazy, prelude::*};
use leptos_router::ChooseView;

use crate::{
    access::{AccountPage, SignInPage},
    catalog::{NewProductPage, ProductPage, ProductsPage},
    channels::{ChannelsPage, WebhookLogPage},
    gallery::GalleryPage,
    inbox::{InboxPage, ThreadPage},
    simulator::SimulatorPage,
    tenancy::{AuditPage, BotSettingsPage, MembersPage, SecurityPage, StartPage},
};

/// One type for all of them, so the router is compiled once.
#[derive(Debug, Clone, Copy)]
pub enum Page {
    SignIn,
    Inbox,
    OpenThread,
    Catalogue(Catalogue),
    Setup(Setup),
    Demo(Demo),
}

#[derive(Debug, Clone, Copy)]
pub enum Catalogue {
    Products,
    NewProduct,
    Product,
}

#[derive(Debug, Clone, Copy)]
pub enum Setup {
    Start,
    Channels,
    WebhookLog,
    Bot,
    Members,
    Audit,
    Security,
    Account,
}

#[derive(Debug, Clone, Copy)]
pub enum Demo {
    Simulator,
    Gallery,
}

impl ChooseView for Page {
    async fn choose(self) -> AnyView {
        match self {
            Self::SignIn => sign_in().await,
            Self::Inbox => inbox().await,
            Self::OpenThread => open_thread().await,
            Self::Catalogue(page) => catalogue(page).await,
            Self::Setup(page) => setup(page).await,
            Self::Demo(page) => demo(page).await,
        }
    }

    async fn preload(&self) {
        // The server has every page at hand.
        #[cfg(target_arch = "wasm32")]
        match self {
            Self::SignIn => __preload_sign_in().await,
            Self::Inbox => __preload_inbox().await,
            Self::OpenThread => __preload_open_thread().await,
            Self::Catalogue(_) => __preload_catalogue().await,
            Self::Setup(_) => __preload_setup().await,
            Self::Demo(_) => __preload_demo().await,
        }
    }
}

#[lazy]
fn sign_in() -> AnyView {
    view! { <SignInPage/> }.into_any()
}

#[lazy]
fn inbox() -> AnyView {
    view! { <InboxPage/> }.into_any()
}

#[lazy]
fn open_thread() -> AnyView {
    view! { <ThreadPage/> }.into_any()
}

#[lazy]
fn catalogue(page: Catalogue) -> AnyView {
    match page {
        Catalogue::Products => view! { <ProductsPage/> }.into_any(),
        Catalogue::NewProduct => view! { <NewProductPage/> }.into_any(),
        Catalogue::Product => view! { <ProductPage/> }.into_any(),
    }
}

#[lazy]
fn setup(page: Setup) -> AnyView {
    match page {
        Setup::Start => view! { <StartPage/> }.into_any(),
        Setup::Channels => view! { <ChannelsPage/> }.into_any(),
        Setup::WebhookLog => view! { <WebhookLogPage/> }.into_any(),
        Setup::Bot => view! { <BotSettingsPage/> }.into_any(),
        Setup::Members => view! { <MembersPage/> }.into_any(),
        Setup::Audit => view! { <AuditPage/> }.into_any(),
        Setup::Security => view! { <SecurityPage/> }.into_any(),
        Setup::Account => view! { <AccountPage/> }.into_any(),
    }
}

#[lazy]
fn demo(page: Demo) -> AnyView {
    match page {
        Demo::Simulator => view! { <SimulatorPage/> }.into_any(),
        Demo::Gallery => view! { <GalleryPage/> }.into_any(),
    }
}
