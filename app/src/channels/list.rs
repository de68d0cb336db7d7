//! The channels page: every number with its lights, and the form for one more.
//!
//! Looks again every few seconds, so that a light turns green while one watches.

use std::time::Duration;

use contract::channels::ChannelView;
use domain::scopes::ScopeCode;
use leptos::{prelude::*, task::spawn_local};

use super::{
    calls::{ConnectChannel, list_channels},
    connect::Connect,
    lights::Channel,
    watch::while_visible,
};
use crate::{
    access::may,
    tenancy::parts::{Empty, Loading, PageHead, Refused},
    words::channels as words,
};

const LOOK_EVERY: Duration = Duration::from_secs(5);

#[component]
pub fn ChannelsPage() -> impl IntoView {
    let connect = ServerAction::<ConnectChannel>::new();
    let channels = Resource::new(move || connect.version().get(), |_| list_channels());
    view! {
        <div class="mx-auto w-full max-w-4xl px-4 py-6">
            <PageHead title=words::TITLE lead=words::LEAD>
                <a class="btn btn-plain border-base-300 min-h-11" href="/channels/log">{words::LOG}</a>
            </PageHead>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match channels.await {
                        Ok(channels) => view! { <Channels channels/> }.into_any(),
                        Err(error) => view! { <Refused error/> }.into_any(),
                    }
                })}
            </Transition>
            {may(ScopeCode::IntegrationsManage).then(|| view! { <Connect connect/> })}
        </div>
    }
}

/// Only a number whose lights changed is drawn anew: what one reads or copies stays in its place.
#[component]
fn Channels(channels: Vec<ChannelView>) -> impl IntoView {
    let shown = RwSignal::new(channels);
    while_visible(LOOK_EVERY, move || {
        spawn_local(async move {
            if let Ok(seen) = list_channels().await
                && shown.try_with_untracked(|shown| *shown != seen) == Some(true)
            {
                let _ = shown.try_set(seen);
            }
        });
    });
    view! {
        <Show when=move || shown.with(Vec::is_empty)>
            <Empty icon="icon-[lucide--radio-tower]" title=words::NONE why=words::NONE_WHY.to_owned()>
                <a class="btn btn-primary min-h-11" href="#connect">{words::CONNECT}</a>
            </Empty>
        </Show>
        <div class="mt-4 grid gap-4">
            <For
                each=move || shown.get()
                key=|channel| format!("{channel:?}")
                children=|channel| view! { <Channel channel/> }
            />
        </div>
    }
}
