//! The wallet: its balance, what is open, and its statement.

use contract::{
    approvals::{ApprovalLine, ApprovalQuery},
    wallet::WalletView,
};
use domain::scopes::ScopeCode;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    calls::{statement, wallet},
    statement::{Statement, read_query},
};
use crate::{
    access::may,
    approvals::{ApprovalRows, calls::approvals},
    layout::use_live,
    ui::{Banner, Failure, LinkButton, PageBody, PageHeader, Skeleton, Tone, Variant},
    words::wallet as words,
};

/// Open requests that stand on the wallet's page; the others are a press away.
const OPEN_SHOWN: u32 = 5;

#[component]
pub fn WalletPage() -> impl IntoView {
    let params = use_query_map();
    let asked = Memo::new(move |_| params.with(read_query));
    let live = use_live();
    let moved = move || live.map(|live| live.money().number);
    let balance = Resource::new(moved, |_| wallet());
    let open = Resource::new(moved, |_| {
        approvals(ApprovalQuery {
            limit: Some(OPEN_SHOWN),
            ..ApprovalQuery::default()
        })
    });
    let entries = Resource::new(move || (asked.get(), moved()), |(query, _)| statement(query));
    view! {
        <PageBody>
            <PageHeader title=words::TITLE lead=words::LEAD>
                <LinkButton href="/wallet/destinations" icon="icon-[lucide--landmark]">{words::DESTINATIONS_LINK}</LinkButton>
            </PageHeader>
            <Transition fallback=|| view! { <Skeleton lines=3/> }>
                {move || Suspend::new(async move {
                    match (balance.await, open.await) {
                        (Ok(wallet), open) => view! {
                            <BalanceCard wallet/>
                            <Open lines=open.map(|page| page.items).unwrap_or_default()/>
                        }
                        .into_any(),
                        (Err(error), _) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Transition>
            <Transition fallback=|| view! { <Skeleton lines=6/> }>
                {move || Suspend::new(async move {
                    match entries.await {
                        Ok(page) => view! { <Statement page continued=asked.with_untracked(|asked| asked.after.is_some())/> }.into_any(),
                        // Whoever may not see the wallet is told so once, above.
                        Err(_) => ().into_any(),
                    }
                })}
            </Transition>
        </PageBody>
    }
    .into_any()
}

/// What there is, and what one can do with it.
#[component]
pub fn BalanceCard(wallet: WalletView) -> impl IntoView {
    let is_open = wallet.closed_because.is_none();
    let withdraws = is_open && may(ScopeCode::FinanceWithdrawInitiate);
    let corrects = may(ScopeCode::FinanceReconcile);
    let has_held = wallet.held.minor() != 0;
    view! {
        <section class="panel balance" aria-label=words::AVAILABLE>
            <div class="min-w-0">
                <h2 class="text-sm font-medium text-muted">{words::AVAILABLE}</h2>
                <p class="amount mt-0.5" data-testid="available">{wallet.available.to_string()}</p>
                <p class="text-sm text-muted">{words::AVAILABLE_WHY}</p>
            </div>
            <div class="min-w-0 border-base-300 max-sm:border-t max-sm:pt-4 sm:border-s sm:ps-6">
                <h2 class="text-sm font-medium text-muted">{words::HELD}</h2>
                <p
                    class="figures mt-1 text-xl font-semibold tracking-tight"
                    class:text-muted=!has_held
                    data-testid="held"
                >
                    {wallet.held.to_string()}
                </p>
                <p class="text-sm text-muted">{words::HELD_WHY}</p>
            </div>
            {(withdraws || corrects)
                .then(|| {
                    view! {
                        <div class="flex flex-wrap content-center gap-2 sm:justify-end">
                            {withdraws
                                .then(|| {
                                    view! {
                                        <LinkButton href="/wallet/withdraw" variant=Variant::Primary icon="icon-[lucide--banknote]" class="max-sm:grow">
                                            {words::WITHDRAW}
                                        </LinkButton>
                                    }
                                })}
                            {corrects
                                .then(|| {
                                    view! {
                                        <LinkButton href="/wallet/correct" icon="icon-[lucide--scale]" class="max-sm:grow">
                                            {words::CORRECT}
                                        </LinkButton>
                                    }
                                })}
                        </div>
                    }
                })}
        </section>
        {wallet
            .closed_because
            .map(|why| {
                view! {
                    <div class="mt-4">
                        <Banner tone=Tone::Queue icon="icon-[lucide--lock]">
                            <p class="font-semibold">{words::CLOSED}</p>
                            <p class="mt-0.5">{why}</p>
                            <p class="mt-1">
                                <a class="link touch font-medium" href="/wallet/destinations">{words::DESTINATIONS_LINK}</a>
                                {may(ScopeCode::UsersManage)
                                    .then(|| {
                                        view! {
                                            " · "
                                            <a class="link touch font-medium" href="/settings/members">{words::TEAM}</a>
                                        }
                                    })}
                            </p>
                        </Banner>
                    </div>
                }
            })}
    }
    .into_any()
}

#[component]
fn Open(lines: Vec<ApprovalLine>) -> impl IntoView {
    (!lines.is_empty()).then(|| {
        view! {
            <div class="mt-6">
                <ApprovalRows heading=words::OPEN_REQUESTS lines/>
                <a class="link touch mt-1 inline-flex items-center text-sm" href="/approvals">{words::ALL_REQUESTS}</a>
            </div>
        }
    })
}
