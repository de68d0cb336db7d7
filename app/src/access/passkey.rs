//! What the browser does with passkeys. It reads and writes JSON itself (`PublicKeyCredential`, WebAuthn level 3); in a
//! browser that can't, there are no passkeys.
//!
//! Never sees a private key: those stay with the device.

use contract::{ApiError, ErrorCode};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{Function, JSON, Object, Promise, Reflect};

use crate::{call::CallError, words::access as words};

#[derive(Clone, Copy)]
pub enum Ask {
    /// A new passkey.
    Make,
    /// A signature.
    Sign,
}

impl Ask {
    const fn reader(self) -> &'static str {
        match self {
            Ask::Make => "parseCreationOptionsFromJSON",
            Ask::Sign => "parseRequestOptionsFromJSON",
        }
    }

    const fn of_the_device(self) -> &'static str {
        match self {
            Ask::Make => "create",
            Ask::Sign => "get",
        }
    }
}

fn get(of: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    Reflect::get(of, &JsValue::from_str(name))
}

fn function(of: &JsValue, name: &str) -> Result<Function, JsValue> {
    get(of, name)?.dyn_into()
}

/// Whether this browser can. False on the server.
pub fn is_known() -> bool {
    let known = || -> Result<bool, JsValue> {
        let class = get(&web_sys::js_sys::global(), "PublicKeyCredential")?;
        function(&class, Ask::Make.reader())?;
        function(&class, Ask::Sign.reader())?;
        Ok(true)
    };
    cfg!(target_arch = "wasm32") && known().unwrap_or(false)
}

/// The device's answer to a question of the server, both as JSON.
pub async fn ask(question: &str, what: Ask) -> Result<String, CallError> {
    answer(question, what).await.map_err(|error| {
        let name = get(&error, "name").ok().and_then(|name| name.as_string());
        let message = match name.as_deref() {
            Some("NotAllowedError" | "AbortError") => words::PASSKEY_CANCELLED,
            Some("InvalidStateError") => words::PASSKEY_THERE,
            _ => words::PASSKEY_BROKEN,
        };
        CallError(ApiError::new(ErrorCode::Invalid, message))
    })
}

async fn answer(question: &str, what: Ask) -> Result<String, JsValue> {
    let global = web_sys::js_sys::global();
    let class = get(&global, "PublicKeyCredential")?;
    let read = function(&class, what.reader())?.call1(&class, &JSON::parse(question)?)?;
    let wish = Object::new();
    Reflect::set(&wish, &JsValue::from_str("publicKey"), &read)?;
    let device = get(&get(&global, "navigator")?, "credentials")?;
    let asked: Promise = function(&device, what.of_the_device())?
        .call1(&device, &wish)?
        .dyn_into()?;
    let made = JsFuture::from(asked).await?;
    let made = function(&made, "toJSON")?.call0(&made)?;
    Ok(JSON::stringify(&made)?.into())
}
