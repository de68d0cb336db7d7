//! The browser's own dialog: modal with JavaScript, an open panel without.

use leptos::{html, prelude::*};

use super::IconButton;
use crate::words;

fn show(dialog: &web_sys::HtmlDialogElement) {
    // Rendered open by the server: made modal now.
    if dialog.open() {
        dialog.close();
    }
    let _ = dialog.show_modal();
}

/// Open while `open` says so. `on_close` is called when it is closed by key, by button or by a press beside it;
/// without JavaScript `close_href` is where the close button leads.
#[component]
pub fn Dialog(
    #[prop(into)] title: String,
    id: &'static str,
    #[prop(into)] open: Signal<bool>,
    on_close: Callback<()>,
    #[prop(optional, into)] close_href: Option<String>,
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(element) = dialog.get() else { return };
        if open.get() {
            if element.is_connected() {
                show(&element);
            } else {
                // Loaded just now: it is in the page with the next frame.
                request_animation_frame(move || show(&element));
            }
        } else if element.open() {
            element.close();
        }
    });
    let heading = format!("{id}-title");
    view! {
        <dialog
            id=id
            node_ref=dialog
            class="sheet"
            aria-labelledby=heading.clone()
            open=open.get_untracked()
            on:cancel=move |event: leptos::ev::Event| {
                event.prevent_default();
                on_close.run(());
            }
            on:click=move |event: leptos::ev::MouseEvent| {
                let beside = dialog.get_untracked().is_some_and(|element| {
                    event.target().is_some_and(|target| *AsRef::<web_sys::EventTarget>::as_ref(&*element) == target)
                });
                if beside {
                    on_close.run(());
                }
            }
        >
            <div class="flex items-center justify-between gap-3 border-b border-base-300 py-2 ps-5 pe-2">
                <h2 id=heading.clone() class="text-base font-semibold">{title}</h2>
                {match close_href {
                    Some(href) => {
                        view! {
                            <a
                                href=href
                                class="btn btn-ghost btn-square"
                                aria-label=words::shared::CLOSE
                                title=words::shared::CLOSE
                            >
                                <super::Icon name="icon-[lucide--x]"/>
                            </a>
                        }
                            .into_any()
                    }
                    None => {
                        view! {
                            <IconButton
                                label=words::shared::CLOSE
                                icon="icon-[lucide--x]"
                                on:click=move |_| on_close.run(())
                            />
                        }
                            .into_any()
                    }
                }}
            </div>
            <div class="p-5">{children()}</div>
        </dialog>
    }
    .into_any()
}
