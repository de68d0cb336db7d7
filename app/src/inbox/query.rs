//! What the address says about the inbox: filter, words, how many rows, which panel is open.

use contract::{
    Cursor,
    conversations::{ConversationQuery, InboxFilter},
    page::{PAGE_DEFAULT, PAGE_MAX},
};
use domain::ids::ConversationId;
use leptos_router::params::ParamsMap;

use crate::ui::address;

/// The part of the address that a list keeps while one walks through its conversations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxAddress {
    pub filter: InboxFilter,
    pub search: String,
    /// Rows on show; grows up to the most that one page may have, then pages follow each other.
    pub show: Option<u32>,
    pub after: Option<String>,
}

pub const fn filter_code(filter: InboxFilter) -> &'static str {
    match filter {
        InboxFilter::All => "",
        InboxFilter::Waiting => "waiting",
        InboxFilter::Mine => "mine",
        InboxFilter::Bot => "bot",
        InboxFilter::Unread => "unread",
    }
}

fn filter_from(code: &str) -> InboxFilter {
    [
        InboxFilter::Waiting,
        InboxFilter::Mine,
        InboxFilter::Bot,
        InboxFilter::Unread,
    ]
    .into_iter()
    .find(|filter| filter_code(*filter) == code)
    .unwrap_or_default()
}

impl InboxAddress {
    pub fn read(params: &ParamsMap) -> Self {
        Self {
            filter: filter_from(params.get("filter").as_deref().unwrap_or_default()),
            search: params.get("q").unwrap_or_default(),
            show: params.get("show").and_then(|rows| rows.parse().ok()),
            after: params.get("after").filter(|after| !after.is_empty()),
        }
    }

    pub fn query(&self) -> ConversationQuery {
        ConversationQuery {
            filter: self.filter,
            search: self.search.clone(),
            after: self.after.clone().map(Cursor),
            limit: self.show.map(|rows| rows.clamp(1, PAGE_MAX)),
        }
    }

    fn at(&self, path: &str, further: &[(&str, &str)]) -> String {
        let show = self.show.map(|rows| rows.to_string()).unwrap_or_default();
        let mut pairs = vec![
            ("filter", filter_code(self.filter)),
            ("q", self.search.as_str()),
            ("show", show.as_str()),
            ("after", self.after.as_deref().unwrap_or_default()),
        ];
        pairs.extend_from_slice(further);
        address(path, &pairs)
    }

    pub fn list(&self) -> String {
        self.at("/inbox", &[])
    }

    pub fn conversation(&self, id: ConversationId) -> String {
        self.at(&format!("/inbox/{id}"), &[])
    }

    /// One conversation with a panel: `trace`, `details` or `before`.
    pub fn panel(&self, id: ConversationId, name: &str, value: &str) -> String {
        self.at(&format!("/inbox/{id}"), &[(name, value)])
    }

    /// The same list, another filter, from its newest row.
    pub fn filtered(&self, filter: InboxFilter) -> String {
        Self {
            filter,
            search: self.search.clone(),
            ..Self::default()
        }
        .list()
    }

    /// More rows: a longer list while that is allowed, the next page afterwards.
    pub fn more(&self, next: &Cursor) -> Self {
        let shown = self.show.unwrap_or(PAGE_DEFAULT);
        if shown < PAGE_MAX {
            Self {
                show: Some((shown + PAGE_DEFAULT).min(PAGE_MAX)),
                ..self.clone()
            }
        } else {
            Self {
                after: Some(next.0.clone()),
                ..self.clone()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_rows_lengthen_the_list_first_and_turn_the_page_afterwards() {
        let next = Cursor("abc".to_owned());
        let longer = InboxAddress::default().more(&next);
        assert_eq!(longer.list(), "/inbox?show=60");
        let full = longer.more(&next).more(&next);
        assert_eq!(full.list(), "/inbox?show=100");
        assert_eq!(full.more(&next).list(), "/inbox?show=100&after=abc");
    }

    #[test]
    fn another_filter_keeps_the_words_and_starts_at_the_newest() {
        let deep = InboxAddress {
            search: "kettle".into(),
            show: Some(100),
            after: Some("abc".into()),
            ..Default::default()
        };
        assert_eq!(
            deep.filtered(InboxFilter::Waiting),
            "/inbox?filter=waiting&q=kettle"
        );
    }
}
