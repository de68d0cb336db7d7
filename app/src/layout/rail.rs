//! Where one can go: a slim rail at the side, a bar at the foot of a phone.

use contract::access::Me;
use domain::scopes::ScopeCode;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{live::use_live, menu::PersonMenu};
use crate::{
    inbox::calls::counts,
    ui::{Icon, Logo},
    words::layout as words,
};

/// One place. Without a scope it is open to every member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub href: &'static str,
    pub label: &'static str,
    pub icon: &'static str,
    pub scope: Option<ScopeCode>,
    /// Only in demo mode.
    pub demo: bool,
    /// Stands in the rail; the others are in the menu and the palette.
    pub rail: bool,
}

const fn place(
    href: &'static str,
    label: &'static str,
    icon: &'static str,
    scope: ScopeCode,
    rail: bool,
) -> Place {
    Place {
        href,
        label,
        icon,
        scope: Some(scope),
        demo: false,
        rail,
    }
}

const PLACES: [Place; 17] = [
    place(
        "/platform",
        words::BUSINESSES,
        "icon-[lucide--store]",
        ScopeCode::PlatformTenants,
        true,
    ),
    place(
        "/platform/access",
        words::ACCESS,
        "icon-[lucide--user-x]",
        ScopeCode::PlatformAccess,
        true,
    ),
    place(
        "/platform/keys",
        words::ENCRYPTION_KEYS,
        "icon-[lucide--key-round]",
        ScopeCode::PlatformKeys,
        true,
    ),
    place(
        "/inbox",
        words::INBOX,
        "icon-[lucide--inbox]",
        ScopeCode::ConversationsView,
        true,
    ),
    place(
        "/products",
        words::PRODUCTS,
        "icon-[lucide--package]",
        ScopeCode::CatalogView,
        true,
    ),
    place(
        "/channels",
        words::CHANNELS,
        "icon-[lucide--plug]",
        ScopeCode::IntegrationsView,
        true,
    ),
    place(
        "/settings/bot",
        words::BOT,
        "icon-[lucide--bot]",
        ScopeCode::SettingsManage,
        true,
    ),
    place(
        "/settings/members",
        words::TEAM,
        "icon-[lucide--users]",
        ScopeCode::UsersManage,
        false,
    ),
    place(
        "/settings/api-keys",
        words::API_KEYS,
        "icon-[lucide--key-round]",
        ScopeCode::ApiKeysManage,
        false,
    ),
    place(
        "/audit",
        words::AUDIT,
        "icon-[lucide--scroll-text]",
        ScopeCode::AuditView,
        false,
    ),
    place(
        "/security",
        words::SECURITY,
        "icon-[lucide--shield-alert]",
        ScopeCode::AuditView,
        false,
    ),
    place(
        "/channels/log",
        words::WEBHOOK_LOG,
        "icon-[lucide--webhook]",
        ScopeCode::IntegrationsView,
        false,
    ),
    Place {
        href: "/account",
        label: words::YOUR_ACCOUNT,
        icon: "icon-[lucide--circle-user]",
        scope: None,
        demo: false,
        rail: false,
    },
    Place {
        href: "/start",
        label: words::START,
        icon: "icon-[lucide--rocket]",
        scope: None,
        demo: false,
        rail: false,
    },
    Place {
        href: "/simulator",
        label: words::PHONE,
        icon: "icon-[lucide--smartphone]",
        scope: None,
        demo: true,
        rail: true,
    },
    Place {
        href: "/mailbox",
        label: words::MAILBOX,
        icon: "icon-[lucide--mail]",
        scope: None,
        demo: true,
        rail: false,
    },
    Place {
        href: "/gallery",
        label: words::GALLERY,
        icon: "icon-[lucide--shapes]",
        scope: None,
        demo: true,
        rail: false,
    },
];

/// Open to every member of a business, and of no use on the platform.
const OF_BUSINESSES: [&str; 2] = ["/start", "/simulator"];

/// The places this member may go to.
pub fn places(me: &Me) -> impl Iterator<Item = Place> {
    let on_platform = me.tenant.tenant.is_platform();
    PLACES
        .into_iter()
        .filter(move |place| !on_platform || !OF_BUSINESSES.contains(&place.href))
        .filter(|place| place.scope.is_none_or(|scope| me.may(scope)) && (me.demo || !place.demo))
}

/// Where an operator begins: the first place that is theirs.
pub fn first_of_platform(me: &Me) -> &'static str {
    places(me).next().map_or("/account", |place| place.href)
}

/// `/products/new` is inside `/products`; `/channels/log` is its own place, not inside `/channels`.
fn is_here(place: &str, path: &str) -> bool {
    let inside =
        |place: &str| path == place || path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'));
    inside(place)
        && !PLACES
            .iter()
            .any(|other| other.href.len() > place.len() && inside(other.href))
}

#[component]
pub fn Rail(me: Me) -> impl IntoView {
    let path = use_location().pathname;
    let counted = me.may(ScopeCode::ConversationsView);
    let live = use_live();
    let counts = Resource::new(
        move || live.map(|live| live.changed().number),
        move |_| async move {
            if counted {
                counts().await.unwrap_or_default()
            } else {
                Default::default()
            }
        },
    );
    let links = places(&me).filter(|place| place.rail).collect::<Vec<_>>();
    let (home, home_word) = if me.tenant.tenant.is_platform() {
        (first_of_platform(&me), words::PLATFORM)
    } else {
        ("/inbox", words::INBOX)
    };
    view! {
        <header class="rail flex items-center gap-1 border-t border-base-300 bg-base-100 px-1.5 pb-[env(safe-area-inset-bottom)] md:flex-col md:items-stretch md:border-t-0 md:border-e md:px-2 md:py-3">
            <a href=home class="mb-3 hidden self-center rounded-lg md:block" aria-label=format!("WabotIQ, {home_word}")>
                <Logo/>
            </a>
            <nav aria-label=words::MAIN_NAVIGATION class="flex grow gap-1 md:flex-col">
                {links
                    .into_iter()
                    .map(|place| {
                        view! {
                            <a
                                href=place.href
                                class="rail-link grow md:grow-0"
                                aria-current=move || is_here(place.href, &path.get()).then_some("page")
                            >
                                <Icon name=place.icon class="text-xl"/>
                                <span>{place.label}</span>
                                {(place.href == "/inbox")
                                    .then(|| {
                                        view! {
                                            <Transition>
                                                {move || Suspend::new(async move {
                                                    let unread = counts.await.unread;
                                                    (unread > 0)
                                                        .then(|| {
                                                            view! {
                                                                <span class="figures absolute end-2 top-1 min-w-4.5 rounded-full bg-primary px-1 text-center text-[0.6875rem] leading-4.5 font-semibold text-primary-content">
                                                                    {unread.min(99)}
                                                                    <span class="sr-only">" unread"</span>
                                                                </span>
                                                            }
                                                        })
                                                })}
                                            </Transition>
                                        }
                                    })}
                            </a>
                        }
                    })
                    .collect_view()}
            </nav>
            <PersonMenu me/>
        </header>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn exactly_one_place_is_current() {
        for (path, want) in [
            ("/inbox", "/inbox"),
            ("/inbox/conv_1", "/inbox"),
            ("/channels", "/channels"),
            ("/channels/log", "/channels/log"),
            ("/products/new", "/products"),
            ("/platform", "/platform"),
            ("/platform/access", "/platform/access"),
        ] {
            let here: Vec<_> = super::PLACES
                .iter()
                .filter(|place| is_here(place.href, path))
                .map(|place| place.href)
                .collect();
            assert_eq!(here, [want], "{path}");
        }
    }
}
