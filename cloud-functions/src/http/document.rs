//! What the OpenAPI 3.1 document says beyond what each route says of itself.

use axum::http::StatusCode;
use domain::access::Access;
use domain::problem::Problem;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Components;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, Info, OpenApi, Ref, RefOr, Response};
use utoipa::{PartialSchema, ToSchema};

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// Says of the whole what it is called, and the two ways to say who one is.
pub(super) fn describe(document: &mut OpenApi) {
    document.info = Info::builder()
        .title("Aisle")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The functions of a store. Every error is a problem (RFC 9457).",
        ))
        .build();
    let components = document.components.get_or_insert_default();
    add_security_schemes(components);
    add_problem(components);
}

fn add_security_schemes(components: &mut Components) {
    let bearer = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "An access token; each route names the permission that it asks for.",
        ))
        .build();
    let write_key = Http::builder()
        .scheme(HttpAuthScheme::Basic)
        .description(Some(
            "A source's write key as the user name, with an empty password.",
        ))
        .build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    components.add_security_scheme("writeKey", SecurityScheme::Http(write_key));
}

fn add_problem(components: &mut Components) {
    let mut schemas = Vec::new();
    Problem::schemas(&mut schemas);
    schemas.push((Problem::name().into_owned(), Problem::schema()));
    components.schemas.extend(schemas);
}

/// Says of an operation who may call it, how it refuses, and in which media type errors come.
pub(super) fn complete(operation: &mut Operation, access: Access) {
    operation.security = Some(security(access));
    operation
        .extensions
        .get_or_insert_default()
        .extend([("x-aisle-access".to_owned(), describe_access(access))]);
    for status in refusals(access) {
        let refusals = &mut operation.responses.responses;
        let refusal = || RefOr::T(Response::new(String::new()));
        let refusal = refusals
            .entry(status.as_str().to_owned())
            .or_insert_with(refusal);
        add_problem_to(refusal);
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            complete_response(status, response);
        }
    }
}

fn security(access: Access) -> Vec<SecurityRequirement> {
    let no_scopes: [&str; 0] = [];
    match access {
        Access::Public => Vec::new(),
        Access::WriteKey => vec![SecurityRequirement::new("writeKey", no_scopes)],
        Access::Bearer { permission, .. } => {
            vec![SecurityRequirement::new("bearer", [permission.as_str()])]
        }
    }
}

/// `public`, `write_key`, or the roles of which the caller needs one.
fn describe_access(access: Access) -> serde_json::Value {
    match access {
        Access::Public => "public".into(),
        Access::WriteKey => "write_key".into(),
        Access::Bearer { roles, .. } => serde_json::json!({ "roles": roles }),
    }
}

fn refusals(access: Access) -> &'static [StatusCode] {
    match access {
        Access::Public => &[],
        Access::WriteKey => &[StatusCode::UNAUTHORIZED],
        Access::Bearer { .. } => &[StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN],
    }
}

fn add_problem_to(response: &mut RefOr<Response>) {
    if let RefOr::T(response) = response {
        let problem = Ref::from_schema_name(Problem::name().into_owned());
        let content = Content::new(Some(RefOr::Ref(problem)));
        response
            .content
            .insert(PROBLEM.to_owned(), RefOr::T(content));
    }
}

/// A response has to have a description; errors are problems, whatever the handler's return type made of them.
fn complete_response(status: &str, response: &mut Response) {
    let code = status.parse::<StatusCode>().ok();
    if response.description.is_empty() {
        let reason = code.and_then(|code| code.canonical_reason());
        response.description = reason.unwrap_or("An answer").to_owned();
    }
    if code.is_some_and(|code| code.is_client_error() || code.is_server_error()) {
        let content = std::mem::take(&mut response.content);
        let renamed = content.into_iter().map(|(media_type, content)| {
            let plain = media_type == JSON;
            (
                if plain {
                    PROBLEM.to_owned()
                } else {
                    media_type
                },
                content,
            )
        });
        response.content = renamed.collect();
    }
}
