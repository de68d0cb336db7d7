//! Every page's address, and the app around them.
//!
//! Never knows what a page shows.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    Lazy, SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    access,
    inbox::NothingOpen,
    layout::{HomePage, NotFoundPage, StaffFrame},
    lazy,
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
                <Route path=path!("/sign-in") view={Lazy::<lazy::SignIn>::new()} ssr=SsrMode::Async/>
                <ParentRoute path=path!("") view=StaffFrame ssr=SsrMode::Async>
                    <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                    <ParentRoute path=path!("/inbox") view={Lazy::<lazy::Inbox>::new()} ssr=SsrMode::Async>
                        <Route path=path!("") view=NothingOpen ssr=SsrMode::Async/>
                        <Route path=path!(":id") view={Lazy::<lazy::OpenThread>::new()} ssr=SsrMode::Async/>
                    </ParentRoute>
                    <Route path=path!("/products") view={Lazy::<lazy::Products>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/products/new") view={Lazy::<lazy::NewProduct>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/products/:id") view={Lazy::<lazy::Product>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/start") view={Lazy::<lazy::Start>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/channels") view={Lazy::<lazy::Channels>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/channels/log") view={Lazy::<lazy::WebhookLog>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/settings/bot") view={Lazy::<lazy::BotSettings>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/settings/members") view={Lazy::<lazy::Members>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/audit") view={Lazy::<lazy::Audit>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/simulator") view={Lazy::<lazy::Simulator>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/gallery") view={Lazy::<lazy::Gallery>::new()} ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
