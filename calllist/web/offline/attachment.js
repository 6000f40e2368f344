// The signed JSON inside a PDF of ours. What is printed there, and the PDF's own signature, are not
// looked at: what is taken out must be genuine by itself. One spelling only, as typst writes it
// (retention/pdf/certificate.typ), so that no reader for everybody's PDFs is needed here.
const PDF = "%PDF-";
const PDF_LIMIT = 8 * 1024 * 1024; // bytes, retention/pdf/hole.py
const NAMED = /\/Type\/Filespec\/F\(certificate\.json\)\/UF\(certificate\.json\)\/EF<<\/F (\d{1,7}) 0 R\//g;
const HELD = /^ 0 obj\r?\n<<\/Length (\d{1,7})\/Type\/EmbeddedFile(\/Filter\/FlateDecode)?\/Subtype\/application#2Fjson\/Params<<[^<>]{0,200}>>>>\r?\nstream\r?\n/;

const isPdf = (bytes) => same(bytes.slice(0, PDF.length), utf8(PDF));

const inflated = async (bytes) => {
  const out = [], stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  let size = 0;
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return joined(...out);
    size += value.length;
    if (size > LIMIT) throw new Refused("pdf_attachment"); // a few bytes may unfold to any number
    out.push(value);
  }
};

// The bytes of the one certificate.json. Refused("pdf_attachment") or ("too_long").
const attached = async (pdf) => {
  if (pdf.length > PDF_LIMIT) throw new Refused("too_long");
  const text = new TextDecoder("latin1").decode(pdf); // one character for each byte
  const named = [...text.matchAll(NAMED)];
  const places = named.length === 1 ? text.split(`\n${named[0][1]} 0 obj`) : [];
  if (places.length !== 2) throw new Refused("pdf_attachment");
  const begin = places[0].length + `\n${named[0][1]}`.length;
  const [head, length, packed] = text.slice(begin, begin + 1000).match(HELD) ?? [];
  if (!head || !text.startsWith("\nendstream", begin + head.length + Number(length))) {
    throw new Refused("pdf_attachment");
  }
  const body = pdf.slice(begin + head.length, begin + head.length + Number(length));
  try { return packed ? await inflated(body) : body; } catch { throw new Refused("pdf_attachment"); }
};
