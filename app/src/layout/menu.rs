//! The person's menu: businesses, further places, the look, signing out. Opens without JavaScript.

use contract::access::Me;
use leptos::{html, prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_location;

use super::rail::{Stands, places};
use crate::{
    access::{
        calls::{ChooseTheme, SignOut, SwitchTenant},
        theme::{Theme, put_on},
    },
    ui::{Avatar, Icon},
    words::{access as access_words, layout as words},
};

#[component]
pub fn PersonMenu(me: Me) -> impl IntoView {
    let details = NodeRef::<html::Details>::new();
    let path = use_location().pathname;
    // Going somewhere closes the menu.
    Effect::new(move |_| {
        path.track();
        if let Some(details) = details.get() {
            details.set_open(false);
        }
    });
    let further = places(&me)
        .filter(|place| place.stands != Stands::Rail)
        .collect::<Vec<_>>();
    view! {
        <details node_ref=details class="relative md:w-full">
            <summary class="rail-link touch min-w-14" aria-label=format!("{}: {}", words::ACCOUNT, me.name) title=words::ACCOUNT>
                <Avatar name=me.name.clone() small=true/>
                <span class="max-w-full truncate">{words::MORE}</span>
            </summary>
            <div class="menu-panel end-0 bottom-full mb-2 max-h-[80dvh] overflow-y-auto md:start-full md:end-auto md:bottom-0 md:ms-3 md:mb-0">
                <div class="flex items-center gap-2.5 px-2.5 py-2">
                    <Avatar name=me.name.clone()/>
                    <div class="min-w-0 leading-tight">
                        <p class="truncate font-semibold">{me.name.clone()}</p>
                        <p class="truncate text-sm text-muted">{me.roles.join(", ")}</p>
                    </div>
                </div>
                <Businesses me=me.clone()/>
                <ul class="border-t border-base-300 py-1.5">
                    {further
                        .into_iter()
                        .map(|place| {
                            view! {
                                <li>
                                    <a href=place.href class="menu-item">
                                        <Icon name=place.icon class="text-muted"/>
                                        {place.label}
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
                <Appearance/>
                <form method="post" action=SignOut::url() class="border-t border-base-300 pt-1.5">
                    <button type="submit" class="menu-item">
                        <Icon name="icon-[lucide--log-out]" class="text-muted"/>
                        {access_words::SIGN_OUT}
                    </button>
                </form>
            </div>
        </details>
    }
    .into_any()
}

/// The business one works in, and the way to one's others.
#[component]
fn Businesses(me: Me) -> impl IntoView {
    let here = me.tenant.tenant;
    let others = me
        .memberships
        .iter()
        .filter(|other| other.tenant != here)
        .cloned()
        .collect::<Vec<_>>();
    view! {
        <div class="border-t border-base-300 py-1.5">
            <p class="flex items-center gap-2.5 px-2.5 py-2 text-sm font-medium">
                <Icon name="icon-[lucide--store]" class="text-primary"/>
                <span class="sr-only">{words::BUSINESS} ": "</span>
                {me.tenant.name.clone()}
            </p>
            {others
                .into_iter()
                .map(|other| {
                    view! {
                        <form method="post" action=SwitchTenant::url()>
                            <input type="hidden" name="tenant" value=other.tenant.to_string()/>
                            <button type="submit" class="menu-item" aria-label=format!("{}: {}", words::SWITCH_BUSINESS, other.name)>
                                <Icon name="icon-[lucide--arrow-right-left]" class="text-muted"/>
                                {other.name.clone()}
                            </button>
                        </form>
                    }
                })
                .collect_view()}
        </div>
    }
    .into_any()
}

/// Changes the look at once; the server remembers it.
#[component]
fn Appearance() -> impl IntoView {
    let choose = ServerAction::<ChooseTheme>::new();
    view! {
        <fieldset class="border-t border-base-300 px-2.5 py-2.5">
            <legend class="sr-only">{words::APPEARANCE}</legend>
            <div class="grid grid-cols-3 gap-1">
                {Theme::ALL
                    .into_iter()
                    .map(|theme| {
                        let icon = match theme {
                            Theme::System => "icon-[lucide--monitor]",
                            Theme::Light => "icon-[lucide--sun]",
                            Theme::Dark => "icon-[lucide--moon]",
                        };
                        view! {
                            // Not an `ActionForm`: reading forms is code that the first load does without.
                            <form
                                method="post"
                                action=ChooseTheme::url()
                                on:submit=move |event| {
                                    event.prevent_default();
                                    put_on(theme);
                                    choose.dispatch(ChooseTheme { theme });
                                }
                            >
                                <input type="hidden" name="theme" value=theme.code()/>
                                <button
                                    type="submit"
                                    class="flex w-full flex-col items-center gap-1 rounded-md border border-base-300 px-1 py-2 text-xs hover:bg-base-200"
                                >
                                    <Icon name=icon class="text-base"/>
                                    {words::theme(theme)}
                                </button>
                            </form>
                        }
                    })
                    .collect_view()}
            </div>
        </fieldset>
    }
    .into_any()
}
