//! Every page's address, and the app around them.
//!
//! Never knows what a page shows.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    access::{self, SignInPage},
    catalog::{NewProductPage, ProductPage, ProductsPage},
    channels::{ChannelsPage, WebhookLogPage},
    gallery::GalleryPage,
    inbox::{InboxPage, NothingOpen, ThreadPage},
    layout::{HomePage, NotFoundPage, StaffFrame},
    simulator::SimulatorPage,
    tenancy::{AuditPage, BotSettingsPage, MembersPage, StartPage},
};

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    access::provide_current_member();
    crate::ui::provide_toasts();
    view! {
        <Title formatter=|title: String| if title.is_empty() { "WabotIQ".to_owned() } else { format!("{title} · WabotIQ") }/>
        <Router>
            <Routes fallback=|| view! { <NotFoundPage/> }>
                <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
                <ParentRoute path=path!("") view=StaffFrame ssr=SsrMode::Async>
                    <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                    <ParentRoute path=path!("/inbox") view=InboxPage ssr=SsrMode::Async>
                        <Route path=path!("") view=NothingOpen ssr=SsrMode::Async/>
                        <Route path=path!(":id") view=ThreadPage ssr=SsrMode::Async/>
                    </ParentRoute>
                    <Route path=path!("/products") view=ProductsPage ssr=SsrMode::Async/>
                    <Route path=path!("/products/new") view=NewProductPage ssr=SsrMode::Async/>
                    <Route path=path!("/products/:id") view=ProductPage ssr=SsrMode::Async/>
                    <Route path=path!("/start") view=StartPage ssr=SsrMode::Async/>
                    <Route path=path!("/channels") view=ChannelsPage ssr=SsrMode::Async/>
                    <Route path=path!("/channels/log") view=WebhookLogPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/bot") view=BotSettingsPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/members") view=MembersPage ssr=SsrMode::Async/>
                    <Route path=path!("/audit") view=AuditPage ssr=SsrMode::Async/>
                    <Route path=path!("/simulator") view=SimulatorPage ssr=SsrMode::Async/>
                    <Route path=path!("/gallery") view=GalleryPage ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
