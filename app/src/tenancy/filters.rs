//! The filters of the audit log and of the security events: a form whose answers stand in the address.
//!
//! Works without JavaScript, and never asks for the rows themselves.

use contract::Cursor;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use super::calls::audit_people;
use crate::{ui::address, words::tenancy as words};

/// What stands in the address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// A group of actions, or a kind of event.
    pub only: String,
    pub person: String,
    pub from: String,
    pub to: String,
    pub after: Option<Cursor>,
}

/// Where a list is, and what its first filter is called there.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub path: &'static str,
    pub export: &'static str,
    pub only: &'static str,
    pub only_label: &'static str,
}

impl List {
    pub fn read(self, params: &ParamsMap) -> Asked {
        let text = |name| params.get(name).unwrap_or_default();
        Asked {
            only: text(self.only),
            person: text("person"),
            from: text("from"),
            to: text("to"),
            after: params.get("after").filter(|after| !after.is_empty()).map(Cursor),
        }
    }

    pub fn address(self, asked: &Asked, after: Option<&Cursor>) -> String {
        self.at(self.path, asked, after)
    }

    fn at(self, path: &str, asked: &Asked, after: Option<&Cursor>) -> String {
        let after = after.map_or("", |after| after.0.as_str());
        address(
            path,
            &[
                (self.only, &asked.only),
                ("person", &asked.person),
                ("from", &asked.from),
                ("to", &asked.to),
                ("after", after),
            ],
        )
    }
}

impl Asked {
    pub fn is_filtered(&self) -> bool {
        [&self.only, &self.person, &self.from, &self.to]
            .iter()
            .any(|text| !text.is_empty())
    }
}

#[component]
pub(super) fn Filters(
    list: List,
    asked: Memo<Asked>,
    /// Values and labels of the first filter.
    choices: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    let people = Resource::new(|| (), |()| audit_people());
    let now = move |of: fn(&Asked) -> &String| asked.with(|asked| of(asked).clone());
    view! {
        <form method="get" action=list.path class="mt-4 grid grid-cols-2 items-end gap-3 md:flex md:flex-wrap">
            <label class="grid gap-1 text-sm font-medium">
                {list.only_label}
                <select class="select min-h-11 w-full md:w-52" name=list.only>
                    <option value="">{words::EVERYTHING}</option>
                    {choices.into_iter().map(|(value, label)| view! {
                        <option value=value selected=move || asked.with(|asked| asked.only == value)>{label}</option>
                    }).collect_view()}
                </select>
            </label>
            <label class="grid gap-1 text-sm font-medium">
                {words::PERSON}
                <Transition fallback=move || view! { <select class="select min-h-11 w-full md:w-52" disabled=true><option>{words::EVERYBODY}</option></select> }>
                    {move || Suspend::new(async move {
                        let people = people.await.unwrap_or_default();
                        view! {
                            <select class="select min-h-11 w-full md:w-52" name="person">
                                <option value="">{words::EVERYBODY}</option>
                                {people.into_iter().map(|person| {
                                    let id = person.member.to_string();
                                    let chosen = id.clone();
                                    view! {
                                        <option value=id selected=move || asked.with(|asked| asked.person == chosen)>{person.name}</option>
                                    }
                                }).collect_view()}
                            </select>
                        }
                    })}
                </Transition>
            </label>
            <label class="grid gap-1 text-sm font-medium">
                {words::FROM}
                <input class="input min-h-11 w-full" type="date" name="from" value=move || now(|asked| &asked.from)/>
            </label>
            <label class="grid gap-1 text-sm font-medium">
                {words::TO}
                <input class="input min-h-11 w-full" type="date" name="to" value=move || now(|asked| &asked.to)/>
            </label>
            <div class="col-span-2 flex flex-wrap gap-2">
                <button class="btn btn-plain border-base-300 min-h-11">{words::SHOW}</button>
                {move || asked.with(Asked::is_filtered).then(|| view! { <a class="btn btn-ghost min-h-11" href=list.path>{words::SHOW_ALL}</a> })}
                // Not for the router: the server answers with a file.
                <a class="btn btn-ghost min-h-11" rel="external" download="" href=move || asked.with(|asked| list.at(list.export, asked, None))>
                    <span class="icon-[lucide--download] size-4" aria-hidden="true"></span>
                    {words::EXPORT}
                </a>
            </div>
        </form>
    }
}

/// The ways to older and to the newest entries.
#[component]
pub(super) fn Turn(list: List, asked: Asked, next: Option<Cursor>) -> impl IntoView {
    let newest = asked.after.is_some().then(|| list.address(&asked, None));
    let older = next.map(|next| list.address(&asked, Some(&next)));
    view! {
        <div class="mt-4 flex justify-center gap-2">
            {newest.map(|href| view! { <a class="btn btn-ghost min-h-11" href=href>{words::NEWEST}</a> })}
            {older.map(|href| view! { <a class="btn btn-plain border-base-300 min-h-11" href=href>{words::OLDER}</a> })}
        </div>
    }
}
