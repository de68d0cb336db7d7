//! How a page calls the server: the error that a call answers with, and the doors to the services.
//!
//! Never knows what a call does, nor who provides the services.

use contract::{ApiError, ErrorCode};
use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, codec::Post},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// What every call answers with: `#[server(…, output = Json)]`.
pub type Json = Post<AsText>;

/// JSON that is read as text, as the state inside a page is: what reads it is compiled once, not once more for bytes.
pub struct AsText;

impl ContentType for AsText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for AsText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for AsText {
    type Error = serde_json::Error;

    fn encode(output: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_string(output).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for AsText {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        serde_json::from_str(&String::from_utf8_lossy(&bytes))
    }
}

/// A refusal as a page sees it: the service's own error, also for faults on the way there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallError(pub ApiError);

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for CallError {}

impl CallError {
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The message for one field of a form, if there is one.
    pub fn field(&self, field: &str) -> Option<String> {
        self.0.field(field).map(str::to_owned)
    }

    /// What to show above a form: nothing when every complaint already stands at its field.
    pub fn summary(&self) -> String {
        self.0.message.clone()
    }
}

impl FromServerFnError for CallError {
    type Encoder = AsText;

    fn from_server_fn_error(fault: ServerFnErrorErr) -> Self {
        use crate::words::faults;
        let (code, message) = match fault {
            ServerFnErrorErr::Request(_) => (ErrorCode::Unavailable, faults::UNREACHABLE),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                (ErrorCode::BadRequest, faults::UNREADABLE)
            }
            _ => (ErrorCode::Internal, faults::BROKEN),
        };
        let error = Self(ApiError::new(code, message));
        #[cfg(feature = "ssr")]
        door::answer_with_status(code);
        error
    }
}

impl From<ApiError> for CallError {
    fn from(error: ApiError) -> Self {
        #[cfg(feature = "ssr")]
        {
            door::answer_with_status(error.code);
            if let Some(seconds) = error.retry_after_seconds {
                door::retry_after(seconds);
            }
        }
        Self(error)
    }
}

#[cfg(feature = "ssr")]
pub use door::{access, desk, see_other, simulator, went_well};

#[cfg(feature = "ssr")]
mod door {
    use std::sync::Arc;

    use contract::{ApiError, Desk, ErrorCode, access::AccessService, simulator::SimulatorService};
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    use super::CallError;

    /// Everything the signed-in member can ask; 401 when nobody is signed in.
    pub fn desk() -> Result<Desk, CallError> {
        use_context::<Desk>().ok_or_else(|| ApiError::unauthorized().into())
    }

    pub fn access() -> Result<Arc<dyn AccessService>, CallError> {
        use_context::<Arc<dyn AccessService>>()
            .ok_or_else(|| ApiError::new(ErrorCode::Unavailable, crate::words::faults::NO_FRONT_DOOR).into())
    }

    /// Only there in demo mode; 404 otherwise, as if the page did not exist.
    pub fn simulator() -> Result<Arc<dyn SimulatorService>, CallError> {
        use_context::<Arc<dyn SimulatorService>>()
            .ok_or_else(|| ApiError::not_found("The phone simulator").into())
    }

    /// Sends a form without JavaScript on to `path`, and lets the router of a page with JavaScript go there.
    pub fn went_well(path: &str) {
        leptos_axum::redirect(path);
    }

    /// While a page is rendered: answers 303 to `path`.
    pub fn see_other(path: &str) {
        leptos_axum::redirect(path);
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(http::StatusCode::SEE_OTHER);
        }
    }

    /// The HTTP status of a refused call. A form sent without JavaScript is answered with a redirect, and a page
    /// sets its own status, so both keep theirs.
    pub(super) fn answer_with_status(code: ErrorCode) {
        let wants_page = use_context::<http::request::Parts>().is_none_or(|parts| {
            parts
                .headers
                .get(http::header::ACCEPT)
                .and_then(|accept| accept.to_str().ok())
                .is_some_and(|accept| accept.contains("text/html"))
        });
        if !wants_page {
            set_status(code);
        }
    }

    pub(super) fn retry_after(seconds: u32) {
        if let Some(response) = use_context::<ResponseOptions>() {
            response.insert_header(http::header::RETRY_AFTER, http::HeaderValue::from(seconds));
        }
    }

    pub(crate) fn set_status(code: ErrorCode) {
        if let (Some(response), Ok(status)) = (
            use_context::<ResponseOptions>(),
            http::StatusCode::from_u16(code.status()),
        ) {
            response.set_status(status);
        }
    }
}

/// While a page is rendered on the server: the HTTP status of the page. Does nothing in the browser.
pub fn page_status(code: ErrorCode) {
    #[cfg(feature = "ssr")]
    door::set_status(code);
    #[cfg(not(feature = "ssr"))]
    let _ = code;
}
