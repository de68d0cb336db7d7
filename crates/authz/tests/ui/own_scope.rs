struct Everything;

impl authz::Scope for Everything {
    const CODE: Option<domain::scopes::ScopeCode> = None;
}

fn main() {}
