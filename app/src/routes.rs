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
    access,
    inbox::NothingOpen,
    layout::{HomePage, NotFoundPage, StaffFrame},
    lazy::{Catalogue, Demo, Money, Outside, Page, Platform, Setup, Team},
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
                <Route path=path!("/sign-in") view={Page::SignIn} ssr=SsrMode::Async/>
                <Route path=path!("/sign-in/code") view={Page::Outside(Outside::Code)} ssr=SsrMode::Async/>
                <Route path=path!("/forgot") view={Page::Outside(Outside::Forgot)} ssr=SsrMode::Async/>
                <Route path=path!("/reset") view={Page::Outside(Outside::Reset)} ssr=SsrMode::Async/>
                <Route path=path!("/invitation") view={Page::Outside(Outside::Invitation)} ssr=SsrMode::Async/>
                <Route path=path!("/register") view={Page::Outside(Outside::Register)} ssr=SsrMode::Async/>
                <Route path=path!("/register/finish") view={Page::Outside(Outside::FinishRegistration)} ssr=SsrMode::Async/>
                <Route path=path!("/second-factor") view={Page::Outside(Outside::FactorFirst)} ssr=SsrMode::Async/>
                <Route path=path!("/mailbox") view={Page::Outside(Outside::Mailbox)} ssr=SsrMode::Async/>
                <ParentRoute path=path!("") view=StaffFrame ssr=SsrMode::Async>
                    <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                    <ParentRoute path=path!("/inbox") view={Page::Inbox} ssr=SsrMode::Async>
                        <Route path=path!("") view=NothingOpen ssr=SsrMode::Async/>
                        <Route path=path!(":id") view={Page::OpenThread} ssr=SsrMode::Async/>
                    </ParentRoute>
                    <Route path=path!("/products") view={Page::Catalogue(Catalogue::Products)} ssr=SsrMode::Async/>
                    <Route path=path!("/products/new") view={Page::Catalogue(Catalogue::NewProduct)} ssr=SsrMode::Async/>
                    <Route path=path!("/products/:id") view={Page::Catalogue(Catalogue::Product)} ssr=SsrMode::Async/>
                    <Route path=path!("/wallet") view={Page::Money(Money::Wallet)} ssr=SsrMode::Async/>
                    <Route path=path!("/wallet/withdraw") view={Page::Money(Money::Withdraw)} ssr=SsrMode::Async/>
                    <Route path=path!("/wallet/correct") view={Page::Money(Money::Correct)} ssr=SsrMode::Async/>
                    <Route path=path!("/wallet/destinations") view={Page::Money(Money::Destinations)} ssr=SsrMode::Async/>
                    <Route path=path!("/approvals") view={Page::Money(Money::Approvals)} ssr=SsrMode::Async/>
                    <Route path=path!("/approvals/policies") view={Page::Money(Money::Policies)} ssr=SsrMode::Async/>
                    <Route path=path!("/approvals/:id") view={Page::Money(Money::Approval)} ssr=SsrMode::Async/>
                    <Route path=path!("/start") view={Page::Setup(Setup::Start)} ssr=SsrMode::Async/>
                    <Route path=path!("/channels") view={Page::Setup(Setup::Channels)} ssr=SsrMode::Async/>
                    <Route path=path!("/channels/log") view={Page::Setup(Setup::WebhookLog)} ssr=SsrMode::Async/>
                    <Route path=path!("/settings/bot") view={Page::Setup(Setup::Bot)} ssr=SsrMode::Async/>
                    <Route path=path!("/settings/members") view={Page::Team(Team::Members)} ssr=SsrMode::Async/>
                    <Route path=path!("/settings/members/:id") view={Page::Team(Team::Member)} ssr=SsrMode::Async/>
                    <Route path=path!("/settings/members/:id/roles/:role") view={Page::Team(Team::AskRole)} ssr=SsrMode::Async/>
                    <Route path=path!("/settings/roles") view={Page::Team(Team::Roles)} ssr=SsrMode::Async/>
                    <Route path=path!("/settings/api-keys") view={Page::Team(Team::Keys)} ssr=SsrMode::Async/>
                    <Route path=path!("/account") view={Page::Team(Team::Account)} ssr=SsrMode::Async/>
                    <Route path=path!("/audit") view={Page::Setup(Setup::Audit)} ssr=SsrMode::Async/>
                    <Route path=path!("/security") view={Page::Setup(Setup::Security)} ssr=SsrMode::Async/>
                    <Route path=path!("/platform") view={Page::Platform(Platform::Businesses)} ssr=SsrMode::Async/>
                    <Route path=path!("/platform/access") view={Page::Platform(Platform::Access)} ssr=SsrMode::Async/>
                    <Route path=path!("/platform/keys") view={Page::Platform(Platform::Keys)} ssr=SsrMode::Async/>
                    <Route path=path!("/simulator") view={Page::Demo(Demo::Simulator)} ssr=SsrMode::Async/>
                    <Route path=path!("/gallery") view={Page::Demo(Demo::Gallery)} ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
