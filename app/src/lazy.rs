//! Pages that are loaded when they are opened: the first load is the frame alone. Pages that are used together come
//! together, for code that two parts share is a file of its own.
//!
//! Never knows what a page shows.

use leptos::{lazy, prelude::*};
use leptos_router::ChooseView;

use crate::{
    access::{
        AccountPage, CodePage, FactorFirstPage, FinishRegistrationPage, ForgotPage, InvitationPage,
        MailboxPage, RegisterPage, ResetPage, SignInPage,
    },
    approvals::{ApprovalPage, ApprovalsPage, PoliciesPage},
    catalog::{NewProductPage, ProductPage, ProductsPage},
    channels::{ChannelsPage, WebhookLogPage},
    gallery::GalleryPage,
    inbox::{InboxPage, ThreadPage},
    platform::{AccessPage, BusinessesPage, PlatformKeysPage},
    simulator::SimulatorPage,
    team::{AskRolePage, KeysPage, MemberPage, MembersPage, RolesPage},
    tenancy::{AuditPage, BotSettingsPage, SecurityPage, StartPage},
    wallet::{CorrectPage, DestinationsPage, WalletPage, WithdrawPage},
};

/// One type for all of them, so the router is compiled once.
#[derive(Debug, Clone, Copy)]
pub enum Page {
    SignIn,
    Outside(Outside),
    Inbox,
    OpenThread,
    Catalogue(Catalogue),
    Money(Money),
    Setup(Setup),
    Team(Team),
    Platform(Platform),
    Demo(Demo),
}

/// Of somebody who is not signed in.
#[derive(Debug, Clone, Copy)]
pub enum Outside {
    Code,
    Forgot,
    Reset,
    Invitation,
    Register,
    FinishRegistration,
    Mailbox,
    FactorFirst,
}

#[derive(Debug, Clone, Copy)]
pub enum Team {
    Members,
    Member,
    AskRole,
    Roles,
    Keys,
    Account,
}

#[derive(Debug, Clone, Copy)]
pub enum Catalogue {
    Products,
    NewProduct,
    Product,
}

/// The wallet and what needs a second person.
#[derive(Debug, Clone, Copy)]
pub enum Money {
    Wallet,
    Withdraw,
    Correct,
    Destinations,
    Approvals,
    Approval,
    Policies,
}

#[derive(Debug, Clone, Copy)]
pub enum Setup {
    Start,
    Channels,
    WebhookLog,
    Bot,
    Audit,
    Security,
}

/// Of operators.
#[derive(Debug, Clone, Copy)]
pub enum Platform {
    Businesses,
    Access,
    Keys,
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
            Self::Outside(page) => setup(Rest::Outside(page)).await,
            Self::Inbox => inbox().await,
            Self::OpenThread => open_thread().await,
            Self::Catalogue(page) => catalogue(page).await,
            Self::Money(page) => setup(Rest::Money(page)).await,
            Self::Setup(page) => setup(Rest::Setup(page)).await,
            Self::Team(page) => setup(Rest::Team(page)).await,
            Self::Platform(page) => setup(Rest::Platform(page)).await,
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
            Self::Money(_) | Self::Setup(_) | Self::Team(_) | Self::Platform(_) | Self::Outside(_) => {
                __preload_setup().await
            }
            Self::Demo(_) => __preload_demo().await,
        }
    }
}

#[lazy]
fn sign_in() -> AnyView {
    view! { <SignInPage/> }.into_any()
}

fn outside(page: Outside) -> AnyView {
    match page {
        Outside::Code => view! { <CodePage/> }.into_any(),
        Outside::Forgot => view! { <ForgotPage/> }.into_any(),
        Outside::Reset => view! { <ResetPage/> }.into_any(),
        Outside::Invitation => view! { <InvitationPage/> }.into_any(),
        Outside::Register => view! { <RegisterPage/> }.into_any(),
        Outside::FinishRegistration => view! { <FinishRegistrationPage/> }.into_any(),
        Outside::Mailbox => view! { <MailboxPage/> }.into_any(),
        Outside::FactorFirst => view! { <FactorFirstPage/> }.into_any(),
    }
}

fn team(page: Team) -> AnyView {
    match page {
        Team::Members => view! { <MembersPage/> }.into_any(),
        Team::Member => view! { <MemberPage/> }.into_any(),
        Team::AskRole => view! { <AskRolePage/> }.into_any(),
        Team::Roles => view! { <RolesPage/> }.into_any(),
        Team::Keys => view! { <KeysPage/> }.into_any(),
        Team::Account => view! { <AccountPage/> }.into_any(),
    }
}

fn platform(page: Platform) -> AnyView {
    match page {
        Platform::Businesses => view! { <BusinessesPage/> }.into_any(),
        Platform::Access => view! { <AccessPage/> }.into_any(),
        Platform::Keys => view! { <PlatformKeysPage/> }.into_any(),
    }
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

fn money(page: Money) -> AnyView {
    match page {
        Money::Wallet => view! { <WalletPage/> }.into_any(),
        Money::Withdraw => view! { <WithdrawPage/> }.into_any(),
        Money::Correct => view! { <CorrectPage/> }.into_any(),
        Money::Destinations => view! { <DestinationsPage/> }.into_any(),
        Money::Approvals => view! { <ApprovalsPage/> }.into_any(),
        Money::Approval => view! { <ApprovalPage/> }.into_any(),
        Money::Policies => view! { <PoliciesPage/> }.into_any(),
    }
}

/// What is opened now and then, in one part: each further part cuts up what the others share, and makes the first load
/// larger.
#[derive(Debug, Clone, Copy)]
enum Rest {
    Money(Money),
    Setup(Setup),
    Team(Team),
    Platform(Platform),
    Outside(Outside),
}

#[lazy]
fn setup(page: Rest) -> AnyView {
    match page {
        Rest::Setup(page) => setup_page(page),
        Rest::Money(page) => money(page),
        Rest::Team(page) => team(page),
        Rest::Platform(page) => platform(page),
        Rest::Outside(page) => outside(page),
    }
}

fn setup_page(page: Setup) -> AnyView {
    match page {
        Setup::Start => view! { <StartPage/> }.into_any(),
        Setup::Channels => view! { <ChannelsPage/> }.into_any(),
        Setup::WebhookLog => view! { <WebhookLogPage/> }.into_any(),
        Setup::Bot => view! { <BotSettingsPage/> }.into_any(),
        Setup::Audit => view! { <AuditPage/> }.into_any(),
        Setup::Security => view! { <SecurityPage/> }.into_any(),
    }
}

#[lazy]
fn demo(page: Demo) -> AnyView {
    match page {
        Demo::Simulator => view! { <SimulatorPage/> }.into_any(),
        Demo::Gallery => view! { <GalleryPage/> }.into_any(),
    }
}
