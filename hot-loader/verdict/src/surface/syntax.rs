//! Small questions about pieces of parsed source.
//!
//! Relies on `syn` alone. Must never decide what is surface.

use super::attributes;
use super::files::attributes_of;
use super::traits;
use syn::{Item, Meta, Type, UseTree};

/// One imported name: a `use` without its braces.
pub(super) struct Leaf {
    /// The path's segments as written, without a `self` at the end.
    pub(super) path: Vec<String>,
    /// The name it gets here; `None` for a glob.
    pub(super) here: Option<String>,
}

/// The leaves of a `use` tree.
pub(super) fn leaves(tree: &UseTree) -> Vec<Leaf> {
    let mut found = Vec::new();
    collect_leaves(tree, &mut Vec::new(), &mut found);
    found
}

fn collect_leaves(tree: &UseTree, path: &mut Vec<String>, found: &mut Vec<Leaf>) {
    let with = |last: String, here: Option<String>, path: &[String]| {
        let mut path = path.to_vec();
        // `a::{self}` imports `a`.
        if last != "self" || path.is_empty() {
            path.push(last);
        }
        Leaf { path, here }
    };
    match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            collect_leaves(&tree.tree, path, found);
            path.pop();
        }
        UseTree::Name(tree) => {
            let last = tree.ident.to_string();
            let here = if last == "self" {
                path.last().cloned()
            } else {
                Some(last.clone())
            };
            found.push(with(last, here.or_else(|| Some("self".to_owned())), path));
        }
        UseTree::Rename(tree) => {
            found.push(with(
                tree.ident.to_string(),
                Some(tree.rename.to_string()),
                path,
            ));
        }
        UseTree::Glob(_) => found.push(Leaf {
            path: path.clone(),
            here: None,
        }),
        UseTree::Group(tree) => {
            for tree in &tree.items {
                collect_leaves(tree, path, found);
            }
        }
    }
}

/// Whether a type's derives make it a label.
pub(super) fn is_label_type(attributes: &[syn::Attribute]) -> bool {
    derives(attributes)
        .iter()
        .any(|derive| traits::is_label(derive))
}

/// The last words of the derived traits.
pub(super) fn derives(attributes: &[syn::Attribute]) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in attributes {
        if let Meta::List(list) = &attribute.meta
            && (list.path.is_ident("derive") || list.path.is_ident("cfg_attr"))
        {
            for token in list.tokens.clone() {
                words(token, &mut found);
            }
        }
    }
    found
}

fn words(token: proc_macro2::TokenTree, found: &mut Vec<String>) {
    match token {
        proc_macro2::TokenTree::Ident(ident) => found.push(ident.to_string()),
        proc_macro2::TokenTree::Group(group) => {
            for token in group.stream() {
                words(token, found);
            }
        }
        _ => {}
    }
}

/// The identifier of a type that is a plain path, behind references too.
pub(super) fn type_ident(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) if path.qself.is_none() => {
            path.path.segments.last().map(|last| last.ident.to_string())
        }
        Type::Reference(reference) => type_ident(&reference.elem),
        Type::Paren(paren) => type_ident(&paren.elem),
        Type::Group(group) => type_ident(&group.elem),
        _ => None,
    }
}

/// Whether an item's attributes may add impls to its module, which take places among
/// the impls written there.
pub(super) fn derives_impls(item: &Item) -> bool {
    attributes_of(item).iter().any(|attribute| {
        let first = attribute
            .path()
            .segments
            .first()
            .map(|first| first.ident.to_string());
        first.is_none_or(|first| first != "cfg" && !attributes::is_inert_attribute(&first))
    })
}
