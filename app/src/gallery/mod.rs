//! Every part once, on one page: to look at, and for the browser tests to photograph. Only in demo mode.
//!
//! Never knows a service; what it shows is made up here.

mod money;
mod samples;

use contract::{ApiError, ErrorCode};
use leptos::prelude::*;

use crate::{
    access::use_me,
    call::CallError,
    layout::NotFoundPage,
    ui::{
        Avatar, Badge, Banner, Button, Cell, Choice, Column, DataTable, DeliveryTicks, Dialog, EmptyState,
        Field, FormFailure, IconButton, IntentChip, Kbd, LinkButton, LoadMore, OwnerBadge, PageBody,
        PageHeader, Panel, Select, Skeleton, Stat, Tab, Tabs, TextArea, TimeLabel, Tone, Variant, use_toasts,
    },
};

#[component]
pub fn GalleryPage() -> impl IntoView {
    if !use_me().is_some_and(|me| me.demo) {
        return view! { <NotFoundPage/> }.into_any();
    }
    view! {
        <PageBody>
            <PageHeader title="Gallery of parts" lead="Everything that pages are made of, once."/>
            <div class="grid gap-5 lg:grid-cols-2">
                <Controls/>
                <Fields/>
                <Signs/>
                <Notices/>
                <Bubbles/>
                <Dialogs/>
            </div>
            <div class="mt-5 flex flex-col gap-5">
                <Tables/>
                <money::MoneyParts/>
            </div>
        </PageBody>
    }
    .into_any()
}

#[component]
fn Controls() -> impl IntoView {
    let here = |label: &str, count, current| Tab {
        href: "/gallery".into(),
        label: label.into(),
        count,
        current,
    };
    let tabs = vec![
        here("All", 0, true),
        here("Waiting", 3, false),
        here("Mine", 0, false),
    ];
    view! {
        <Panel title="Buttons and tabs">
            <div class="flex flex-wrap items-center gap-2">
                <Button variant=Variant::Primary icon="icon-[lucide--send]">"Send"</Button>
                <Button>"Cancel"</Button>
                <Button variant=Variant::Quiet>"Quiet"</Button>
                <Button variant=Variant::Danger icon="icon-[lucide--archive]">"Archive"</Button>
                <Button variant=Variant::Primary busy=true>"Saving"</Button>
                <Button disabled=true>"Not now"</Button>
                <IconButton label="Edit" icon="icon-[lucide--pencil]"/>
                <LinkButton href="/gallery" icon="icon-[lucide--plus]">"A link"</LinkButton>
            </div>
            <div class="mt-4"><Tabs label="Sample views" tabs/></div>
            <p class="mt-4">"Press " <Kbd>"?"</Kbd> " for the shortcuts."</p>
        </Panel>
    }
    .into_any()
}

#[component]
fn Fields() -> impl IntoView {
    let wrong = Some("Write a price above zero, such as 1,200.50.".to_owned());
    view! {
        <Panel title="Fields">
            <div class="flex flex-col gap-4">
                <Field label="Name" name="sample-name" value="Kettle 1.7 l" hint="As customers read it."/>
                <Field label="Price" name="sample-price" value="-3" error=wrong inputmode="decimal"/>
                <Select
                    label="Reason"
                    name="sample-reason"
                    value="count"
                    choices=vec![Choice::new("count", "Counted again"), Choice::new("damage", "Damaged")]
                />
                <TextArea label="Note" name="sample-note" optional=true rows=2/>
            </div>
        </Panel>
    }
    .into_any()
}

#[component]
fn Signs() -> impl IntoView {
    view! {
        <Panel title="Signs">
            <div class="flex flex-wrap items-center gap-2">
                {samples::owners().into_iter().map(|owner| view! { <OwnerBadge owner/> }).collect_view()}
                <Badge tone=Tone::Good icon="icon-[lucide--check]">"In stock"</Badge>
                <Badge tone=Tone::Danger icon="icon-[lucide--circle-alert]">"Refused"</Badge>
                <Badge>"Archived"</Badge>
                <IntentChip understood=samples::understood() href="/gallery"/>
            </div>
            <div class="mt-4 flex flex-wrap items-center gap-4">
                {samples::deliveries().into_iter().map(|delivery| view! { <DeliveryTicks delivery/> }).collect_view()}
            </div>
            <div class="mt-4 flex items-center gap-3">
                <Avatar name="Amina Otieno"/>
                <Avatar name="Ben"/>
                <Avatar name="+254 700 000 001" small=true/>
                <TimeLabel when=samples::when() full=true/>
            </div>
            <div class="mt-4 grid grid-cols-2 gap-3">
                <Stat label="Answered today" value="128" note="12 by people"/>
                <Stat label="Waiting" value="3"/>
            </div>
        </Panel>
    }
    .into_any()
}

#[component]
fn Notices() -> impl IntoView {
    view! {
        <Panel title="Notices">
            <div class="flex flex-col gap-3">
                <Banner>"A word on what this page is for."</Banner>
                <Banner tone=Tone::Good>"Saved. Customers see the new price from now on."</Banner>
                <Banner tone=Tone::Queue>"The reply window is closed."</Banner>
                <Banner tone=Tone::Danger>"The token was refused. Check that it belongs to this account."</Banner>
            </div>
            <EmptyState
                icon="icon-[lucide--package]"
                title="No products yet"
                why="The bot answers from this list. Paste your prices to begin."
            >
                <Button variant=Variant::Primary>"Paste a price list"</Button>
            </EmptyState>
            <Skeleton lines=2/>
        </Panel>
    }
    .into_any()
}

#[component]
fn Bubbles() -> impl IntoView {
    view! {
        <Panel title="Messages" class="bg-thread! p-5">
            <div class="flex flex-col gap-2">
                <div class="bubble bubble-in">"How much is the kettle?"</div>
                <div class="bubble bubble-bot self-end">"Kettle 1.7 l: KES 1,200. 5 in stock."</div>
                <div class="bubble bubble-person self-end">"I can put one aside for you until tonight."</div>
            </div>
        </Panel>
    }
    .into_any()
}

#[component]
fn Dialogs() -> impl IntoView {
    let open = RwSignal::new(false);
    let toasts = use_toasts();
    view! {
        <Panel title="Dialog and toast">
            <div class="flex flex-wrap gap-2">
                <Button on:click=move |_| open.set(true)>"Open a dialog"</Button>
                <Button on:click=move |_| toasts.say(Tone::Good, "Stock adjusted.")>"Show a toast"</Button>
            </div>
            <Dialog id="sample-dialog" title="A dialog" open on_close=Callback::new(move |()| open.set(false))>
                <p>"The browser’s own: Escape closes it, the focus stays inside."</p>
            </Dialog>
        </Panel>
    }
    .into_any()
}

#[component]
fn Tables() -> impl IntoView {
    let columns = vec![
        Column::text("Product"),
        Column::text("Category"),
        Column::numeric("Price"),
        Column::numeric("Stock"),
    ];
    let failed = CallError(
        ApiError::new(
            ErrorCode::Internal,
            "The list could not be loaded. Nothing was changed. Try again in a moment.",
        )
        .with_reference("ref-7Q2M"),
    );
    view! {
        <DataTable caption="Sample products" columns>
            {samples::PRODUCTS
                .iter()
                .map(|(name, category, price, stock)| {
                    view! {
                        <tr>
                            <th scope="row">{*name}</th>
                            <Cell label="Category">{*category}</Cell>
                            <Cell label="Price" numeric=true>{*price}</Cell>
                            <Cell label="Stock" numeric=true>{*stock}</Cell>
                        </tr>
                    }
                })
                .collect_view()}
        </DataTable>
        <LoadMore href=Some("/gallery".to_owned())/>
        <FormFailure error=Signal::derive(move || Some(failed.clone()))/>
    }
    .into_any()
}
