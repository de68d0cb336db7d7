//! Which encryption key writes, and which are still needed.

use contract::platform::{KeyState, KeyView};
use leptos::prelude::*;

use super::calls::keys;
use crate::{
    tenancy::parts::PageHead,
    ui::{Badge, Failure, Skeleton, Tone},
    words::platform as words,
};

#[component]
pub fn PlatformKeysPage() -> impl IntoView {
    let list = Resource::new(|| (), |()| keys());
    view! {
        <div class="mx-auto w-full max-w-4xl px-4 py-6">
            <PageHead title=words::KEYS lead=words::KEYS_LEAD/>
            <Suspense fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) => view! { <Table list/> }.into_any(),
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn Table(list: Vec<KeyView>) -> impl IntoView {
    let state = |key: &KeyView| match key.state {
        KeyState::Writes => (Tone::Good, words::WRITES),
        KeyState::Old if key.envelopes == 0 => (Tone::Neutral, words::OLD),
        KeyState::Old => (Tone::Queue, words::OLD_NEEDED),
        KeyState::Missing => (Tone::Danger, words::MISSING),
    };
    view! {
        <div class="panel mt-4 overflow-x-clip">
            <table class="grid-table">
                <caption class="sr-only">{words::KEYS}</caption>
                <thead>
                    <tr>
                        <th scope="col">{words::KEY}</th>
                        <th scope="col">{words::STATE}</th>
                        <th scope="col">{words::ENVELOPES}</th>
                    </tr>
                </thead>
                <tbody>
                    {list
                        .into_iter()
                        .map(|key| {
                            let (tone, word) = state(&key);
                            view! {
                                <tr>
                                    <th scope="row"><code class="break-all">{key.kid}</code></th>
                                    <td data-label=words::STATE><Badge tone>{word}</Badge></td>
                                    <td data-label=words::ENVELOPES class="figures">{key.envelopes}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}
