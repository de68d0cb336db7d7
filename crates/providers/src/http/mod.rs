//! The one HTTP client. Redirects are off, proxies are off, time and the size of an answer are bounded.
//!
//! There are two kinds of target. An origin that the operator set is trusted exactly. A URL that a tenant entered goes
//! through the guard (public addresses only, judged at connect), unless the operator listed its origin in
//! `OUTBOUND_ALLOW`.
//!
//! Never follows, never retries, and never knows what a request is for.

mod guard;

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use crypto::Secret;
use reqwest::{
    Client, Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER},
    redirect, retry,
};
use url::Url;

use guard::{GuardedResolver, Lookup, NotPublic, SystemLookup};

pub use guard::is_public;

/// Longest answer that is read.
pub const MAX_RESPONSE_BYTES: usize = 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15);

/// Why a URL is not a target. The words are for the person who entered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    #[error("not a valid web address")]
    Malformed,
    #[error("only https addresses can be used here")]
    Scheme,
    #[error("the address must not contain a user name or password")]
    Userinfo,
    #[error("the address leads into a private network, which is not allowed")]
    NotPublic,
}

/// Why there is no answer. Carries nothing of what the other side said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    #[error("the guard refused the address")]
    Guarded,
    /// No byte of the request left: safe to try again.
    #[error("no connection to the server")]
    NotSent,
    /// The request may have been read and acted on.
    #[error("no answer in time")]
    Timeout,
    /// The request may have been read and acted on.
    #[error("the connection broke before the answer was complete")]
    Broken,
    #[error("the answer is longer than {MAX_RESPONSE_BYTES} bytes")]
    TooLarge,
}

#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be made: {0}")]
pub struct ClientError(reqwest::Error);

/// The client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbound {
    trusted: Client,
    guarded: Client,
    allow: Arc<[url::Origin]>,
}

/// Where requests may go: one origin and a path under which they start.
#[derive(Debug, Clone)]
pub struct Target {
    base: Url,
    is_trusted: bool,
}

impl Target {
    /// The address with `path` (relative, such as `chat/completions`) below it, itself without one. Query pairs come
    /// separately.
    fn at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        if path.is_empty() {
            return url;
        }
        let joined = format!(
            "{}/{}",
            url.path().trim_end_matches('/'),
            path.trim_start_matches('/')
        );
        url.set_path(&joined);
        url
    }

    /// The origin, such as `https://api.twilio.com`.
    pub fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }
}

/// One request, made with [`Request::get`] or [`Request::post`].
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    url: Url,
    is_trusted: bool,
    authorization: Option<Secret>,
    headers: Vec<(&'static str, String)>,
    body: Option<(&'static str, String)>,
    timeout: Duration,
}

impl Request {
    fn new(method: Method, target: &Target, path: &str) -> Self {
        Self {
            method,
            url: target.at(path),
            is_trusted: target.is_trusted,
            authorization: None,
            headers: Vec::new(),
            body: None,
            timeout: DEFAULT_TIMEOUT,
        }
    }

    pub fn get(target: &Target, path: &str) -> Self {
        Self::new(Method::GET, target, path)
    }

    pub fn post(target: &Target, path: &str) -> Self {
        Self::new(Method::POST, target, path)
    }

    pub fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.url.query_pairs_mut().extend_pairs(pairs);
        self
    }

    pub fn basic_auth(mut self, user: &str, password: &Secret) -> Self {
        let encoded = STANDARD.encode(format!("{user}:{}", password.expose()));
        self.authorization = Some(Secret::from(format!("Basic {encoded}")));
        self
    }

    pub fn bearer(mut self, token: &Secret) -> Self {
        self.authorization = Some(Secret::from(format!("Bearer {}", token.expose())));
        self
    }

    /// `name` in lower case. For values that may be printed.
    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        self.body = Some(("application/x-www-form-urlencoded", body));
        self
    }

    pub fn json(mut self, value: &serde_json::Value) -> Self {
        self.body = Some(("application/json", value.to_string()));
        self
    }

    pub fn text(mut self, content_type: &'static str, body: String) -> Self {
        self.body = Some((content_type, body));
        self
    }

    /// From the start of the connection to the last byte of the answer.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// An answer that arrived whole.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    pub body: Bytes,
    /// `Retry-After` in seconds, when it is a number.
    pub retry_after_seconds: Option<u64>,
}

impl Response {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Outbound {
    /// `allow`: origins of `OUTBOUND_ALLOW` that a tenant may enter although the guard would refuse them.
    pub fn new(allow: &[Url]) -> Result<Self, ClientError> {
        Self::with_lookup(allow, Arc::new(SystemLookup))
    }

    fn with_lookup(allow: &[Url], lookup: Arc<dyn Lookup>) -> Result<Self, ClientError> {
        let builder = || {
            Client::builder()
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .no_proxy()
                .referer(false)
                .connect_timeout(CONNECT_TIMEOUT)
                .user_agent(concat!("WabotIQ/", env!("CARGO_PKG_VERSION")))
        };
        Ok(Self {
            trusted: builder().build().map_err(ClientError)?,
            guarded: builder()
                .dns_resolver(Arc::new(GuardedResolver { lookup }))
                .build()
                .map_err(ClientError)?,
            allow: allow.iter().map(Url::origin).collect(),
        })
    }

    /// A target that the operator set, in the configuration or on the command line. Trusted exactly.
    pub fn operator(&self, url: &str) -> Result<Target, UrlError> {
        Ok(Target {
            base: parse(url)?,
            is_trusted: true,
        })
    }

    /// A target that a tenant entered: https, no userinfo, and a host that is not known to be inside. What its name
    /// resolves to is judged at every connect.
    pub fn tenant(&self, url: &str) -> Result<Target, UrlError> {
        let base = parse(url)?;
        if self.allow.contains(&base.origin()) {
            return Ok(Target {
                base,
                is_trusted: true,
            });
        }
        if !base.host().is_some_and(|host| guard::may_name(&host)) {
            return Err(UrlError::NotPublic);
        }
        if base.scheme() != "https" {
            return Err(UrlError::Scheme);
        }
        Ok(Target {
            base,
            is_trusted: false,
        })
    }

    /// Sends once and reads the whole answer.
    pub async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let client = if request.is_trusted {
            &self.trusted
        } else {
            &self.guarded
        };
        let mut builder = client
            .request(request.method, request.url)
            .timeout(request.timeout)
            .header(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(authorization) = &request.authorization {
            // A line break in a key can't become a header of its own: such a value is no header value.
            let mut value = HeaderValue::from_str(authorization.expose()).map_err(|_| HttpError::NotSent)?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        for (name, value) in &request.headers {
            let value = HeaderValue::from_str(value).map_err(|_| HttpError::NotSent)?;
            builder = builder.header(*name, value);
        }
        if let Some((content_type, body)) = request.body {
            builder = builder
                .header(CONTENT_TYPE, HeaderValue::from_static(content_type))
                .body(body);
        }
        let mut answer = builder.send().await.map_err(|error| judge(&error))?;
        let status = answer.status().as_u16();
        let retry_after_seconds = answer
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| judge(&error))? {
            if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response {
            status,
            body: body.freeze(),
            retry_after_seconds,
        })
    }
}

fn parse(text: &str) -> Result<Url, UrlError> {
    let url = Url::parse(text.trim()).map_err(|_| UrlError::Malformed)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::Userinfo);
    }
    if url.host().is_none() || url.query().is_some() || url.fragment().is_some() {
        return Err(UrlError::Malformed);
    }
    Ok(url)
}

fn judge(error: &reqwest::Error) -> HttpError {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = source {
        if inner.is::<NotPublic>() {
            return HttpError::Guarded;
        }
        source = inner.source();
    }
    if error.is_connect() || error.is_builder() {
        HttpError::NotSent
    } else if error.is_timeout() {
        HttpError::Timeout
    } else {
        HttpError::Broken
    }
}

#[cfg(test)]
mod tests;
