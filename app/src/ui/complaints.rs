//! What a form's latest answer complains about: at a field, or above the form.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::call::CallError;

/// The complaint about one field.
pub fn wrong_field(error: Signal<Option<CallError>>, field: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || error.with(|error| error.as_ref().and_then(|error| error.field(field))))
}

/// Of one form.
#[derive(Clone, Copy)]
pub struct Complaints(pub Signal<Option<CallError>>);

impl Complaints {
    pub fn of<S>(action: ServerAction<S>) -> Self
    where
        S: ServerFn<Error = CallError> + Clone + Send + Sync + 'static,
        S::Output: Clone + Send + Sync + 'static,
    {
        Self(Signal::derive(move || action.value().get().and_then(Result::err)))
    }

    /// What stands at a field.
    pub fn at(self, field: &'static str) -> Signal<Option<String>> {
        wrong_field(self.0, field)
    }

    /// What stands above the form: a complaint about a field stands at the field.
    pub fn above(self) -> Signal<Option<CallError>> {
        Signal::derive(move || self.0.get().filter(|error| error.0.fields.is_empty()))
    }

    /// Of this form, or else of another one beside it.
    pub fn or(self, other: Self) -> Self {
        Self(Signal::derive(move || self.0.get().or_else(|| other.0.get())))
    }
}
