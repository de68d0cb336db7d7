use authz::{Allows, Authorized, CatalogEdit, CatalogView, Scope};

fn edit<S: Scope + Allows<CatalogEdit>>(_: &Authorized<S>) {}

fn with(view: &Authorized<CatalogView>) {
    edit(view);
}

fn main() {}
