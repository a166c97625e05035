//! XML to a small tree.

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_xml_entity,
    events::{BytesStart, Event},
};

use crate::twilio::trouble::{DOCUMENT_PARSE, Trouble};

/// Deeper nesting is not TwiML.
const DEEPEST: usize = 8;
/// Twilio takes documents up to 64 kB.
const LARGEST: usize = 64 << 10;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    pub text: String,
}

fn broken(message: impl std::fmt::Display) -> Trouble {
    Trouble::new(DOCUMENT_PARSE, format!("the document does not parse: {message}"))
}

/// The root element.
pub(super) fn parse(xml: &str) -> Result<Element, Trouble> {
    if xml.len() > LARGEST {
        return Err(broken("larger than 64 kB"));
    }
    let mut reader = Reader::from_str(xml);
    reader.config_mut().enable_all_checks(true);
    // The first is the document itself.
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().map_err(broken)? {
            Event::Start(start) if open.len() <= DEEPEST => open.push(begin(&start)?),
            Event::Start(_) => return Err(broken("nested too deeply")),
            Event::Empty(start) => put(&mut open, begin(&start)?)?,
            Event::End(_) => {
                let done = open.pop().ok_or_else(|| broken("an end without a beginning"))?;
                put(&mut open, done)?;
            }
            Event::Text(text) => write(&mut open, &text.xml10_content())?,
            Event::CData(text) => write(&mut open, &text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(broken)?;
                let entity = resolve_xml_entity(&reference.xml10_content()).map(str::to_owned);
                let text = character
                    .map(String::from)
                    .or(entity)
                    .ok_or_else(|| broken("an unknown entity"))?;
                write(&mut open, &text)?;
            }
            Event::DocType(_) => return Err(broken("a DTD is not allowed")),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    let document = open
        .pop()
        .filter(|_| open.is_empty())
        .ok_or_else(|| broken("an element is not closed"))?;
    let mut roots = document.children.into_iter();
    match (roots.next(), roots.next()) {
        (Some(root), None) if document.text.trim().is_empty() => Ok(root),
        _ => Err(broken("there must be exactly one root element")),
    }
}

fn begin(start: &BytesStart<'_>) -> Result<Element, Trouble> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(broken)?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(broken)?;
        attributes.push((attribute.key.0.to_owned(), value.into_owned()));
    }
    Ok(Element {
        name: start.name().0.to_owned(),
        attributes,
        ..Element::default()
    })
}

fn put(open: &mut [Element], child: Element) -> Result<(), Trouble> {
    open.last_mut()
        .ok_or_else(|| broken("an end without a beginning"))?
        .children
        .push(child);
    Ok(())
}

fn write(open: &mut [Element], text: &str) -> Result<(), Trouble> {
    open.last_mut()
        .ok_or_else(|| broken("text outside"))?
        .text
        .push_str(text);
    Ok(())
}
