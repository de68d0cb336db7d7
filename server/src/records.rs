//! The audit log, the security events and the wallet's statement as CSV files, streamed a page at a time.
//!
//! Checks no scope itself (the desk does, at every page), and never holds the whole file.

use axum::{
    Extension,
    body::Body,
    extract::{Query, rejection::QueryRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use contract::{
    ApiError, Cursor, Desk, ErrorCode, page::PAGE_MAX, security::SecurityQuery, tenancy::AuditQuery,
    wallet::StatementQuery,
};
use futures::{Stream, stream};
use services::records::{
    AUDIT_CSV_HEAD, SECURITY_CSV_HEAD, STATEMENT_CSV_HEAD, audit_csv, security_csv, statement_csv,
};

use crate::{guards::edge::RequestId, pages::Visitor, respond};

type Asked<T> = Result<Query<T>, QueryRejection>;
type Next = Option<Option<Cursor>>;

pub async fn audit(
    Extension(visitor): Extension<Visitor>,
    Extension(id): Extension<RequestId>,
    query: Asked<AuditQuery>,
) -> Response {
    let begun = async {
        let (desk, query) = begin(visitor, query)?;
        desk.tenancy.export_audit(query.clone()).await?;
        Ok((desk, query))
    };
    match begun.await {
        Ok((desk, query)) => file("audit-log.csv", AUDIT_CSV_HEAD, audit_pages(desk, query)),
        Err(error) => respond::refusal(error, &id.0),
    }
}

pub async fn security(
    Extension(visitor): Extension<Visitor>,
    Extension(id): Extension<RequestId>,
    query: Asked<SecurityQuery>,
) -> Response {
    let begun = async {
        let (desk, query) = begin(visitor, query)?;
        desk.security.export(query.clone()).await?;
        Ok((desk, query))
    };
    match begun.await {
        Ok((desk, query)) => file(
            "security-events.csv",
            SECURITY_CSV_HEAD,
            security_pages(desk, query),
        ),
        Err(error) => respond::refusal(error, &id.0),
    }
}

pub async fn statement(
    Extension(visitor): Extension<Visitor>,
    Extension(id): Extension<RequestId>,
) -> Response {
    let begun = async {
        let desk = visitor.desk.ok_or_else(ApiError::unauthorized)?;
        desk.wallet.export_statement().await?;
        Ok(desk)
    };
    match begun.await {
        Ok(desk) => file("statement.csv", STATEMENT_CSV_HEAD, statement_pages(desk)),
        Err(error) => respond::refusal(error, &id.0),
    }
}

fn begin<T>(visitor: Visitor, query: Asked<T>) -> Result<(Desk, T), ApiError> {
    let desk = visitor.desk.ok_or_else(ApiError::unauthorized)?;
    let Query(query) = query.map_err(|error| {
        let words = format!("The query of the address can't be read: {}.", error.body_text());
        ApiError::new(ErrorCode::BadRequest, words)
    })?;
    Ok((desk, query))
}

fn audit_pages(desk: Desk, query: AuditQuery) -> impl Stream<Item = Result<Bytes, ApiError>> {
    stream::try_unfold(Some(None) as Next, move |next| {
        let (desk, query) = (desk.clone(), query.clone());
        async move {
            let Some(after) = next else { return Ok(None) };
            let limit = Some(PAGE_MAX);
            let page = desk
                .tenancy
                .audit(AuditQuery {
                    after,
                    limit,
                    ..query
                })
                .await?;
            let lines: String = page.items.iter().map(audit_csv).collect();
            Ok(Some((Bytes::from(lines), page.next.map(Some))))
        }
    })
}

fn security_pages(desk: Desk, query: SecurityQuery) -> impl Stream<Item = Result<Bytes, ApiError>> {
    stream::try_unfold(Some(None) as Next, move |next| {
        let (desk, query) = (desk.clone(), query.clone());
        async move {
            let Some(after) = next else { return Ok(None) };
            let limit = Some(PAGE_MAX);
            let page = desk
                .security
                .events(SecurityQuery {
                    after,
                    limit,
                    ..query
                })
                .await?;
            let lines: String = page.items.iter().map(security_csv).collect();
            Ok(Some((Bytes::from(lines), page.next.map(Some))))
        }
    })
}

fn statement_pages(desk: Desk) -> impl Stream<Item = Result<Bytes, ApiError>> {
    stream::try_unfold(Some(None) as Next, move |next| {
        let desk = desk.clone();
        async move {
            let Some(after) = next else { return Ok(None) };
            let limit = Some(PAGE_MAX);
            let page = desk.wallet.statement(StatementQuery { after, limit }).await?;
            let lines: String = page.items.iter().map(statement_csv).collect();
            Ok(Some((Bytes::from(lines), page.next.map(Some))))
        }
    })
}

/// A fault in the middle breaks the connection off, so that half a file does not look like a whole one.
fn file(
    name: &'static str,
    head: &'static str,
    pages: impl Stream<Item = Result<Bytes, ApiError>> + Send + 'static,
) -> Response {
    use futures::StreamExt;
    let first = stream::iter([Ok(Bytes::from_static(head.as_bytes()))]);
    let body = Body::from_stream(first.chain(pages));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
