package docs

import (
	"bytes"
	"cmp"
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// document is a page that is read.
type document struct {
	page
	HTML template.HTML
	// Sections are its headings of the second level, for the menu.
	Sections []section
}

// section is a part of a page, from a heading to the next one.
type section struct {
	Page, Name, Href string
	Text             string // an excerpt, where it was searched for
	level            int
	words            string // everything in it, in small letters
}

// library is all of it.
type library struct {
	pages    map[string]*document
	sections []section
}

// usable has wide tables and long lines scroll by keyboard, and no head without a word.
var usable = strings.NewReplacer("<pre>", `<pre tabindex="0">`, "<table>", `<div class="scroll" tabindex="0"><table>`, "</table>", "</table></div>", "<th></th>", "<td></td>")

// read reads every document. That all can be read, and link to what there is, tests say.
func read(folders map[string]fs.FS) *library {
	markdown := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	l := &library{pages: map[string]*document{}}
	slugs := map[string]string{}
	for _, g := range groups {
		for _, p := range g.Pages {
			slugs[p.file] = p.Slug
		}
	}
	for _, g := range groups {
		for _, p := range g.Pages {
			folder, file, _ := strings.Cut(p.file, "/")
			source, err := fs.ReadFile(folders[folder], file)
			if err != nil {
				panic("docs: " + err.Error())
			}
			root := markdown.Parser().Parse(text.NewReader(source), parser.WithContext(parser.NewContext(parser.WithIDs(ids{}))))
			relink(root, p.file, slugs)
			var html bytes.Buffer
			if err := markdown.Renderer().Render(&html, source, root); err != nil {
				panic("docs: " + err.Error())
			}
			sections := sectionsOf(root, source, &p)
			l.sections = append(l.sections, sections...)
			d := &document{page: p, HTML: template.HTML(usable.Replace(html.String()))} //nolint:gosec // our own documents, without HTML in them
			for _, s := range sections {
				if s.level == 2 {
					d.Sections = append(d.Sections, s)
				}
			}
			l.pages[p.Slug] = d
		}
	}
	return l
}

// relink has links between documents lead to pages. What is linked to and is no page is in
// the repository only: there the text is left, without a link.
func relink(root ast.Node, file string, slugs map[string]string) {
	var links []*ast.Link
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if link, ok := n.(*ast.Link); ok && entering {
			links = append(links, link)
		}
		return ast.WalkContinue, nil
	})
	for _, link := range links {
		target, err := url.Parse(string(link.Destination))
		if err != nil || target.Host != "" || target.Path == "" {
			continue
		}
		at := path.Join(path.Dir(file), target.Path)
		slug := slugs[at]
		if slug == "" {
			slug = slugs[at+"/README.md"]
		}
		if slug == "" {
			for child := link.FirstChild(); child != nil; child = link.FirstChild() {
				link.Parent().InsertBefore(link.Parent(), link, child)
			}
			link.Parent().RemoveChild(link.Parent(), link)
			continue
		}
		target.Path = prefix + slug
		link.Destination = []byte(target.String())
	}
}

// sectionsOf divides a document at its headings.
func sectionsOf(root ast.Node, source []byte, p *page) (out []section) {
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		words := wordsOf(n, source)
		if h, ok := n.(*ast.Heading); ok {
			s := section{Page: p.Name, Name: words, Href: prefix + p.Slug, level: h.Level}
			if id, ok := h.AttributeString("id"); ok && h.Level > 1 {
				s.Href += "#" + string(id.([]byte))
			}
			out = append(out, s)
		}
		if len(out) > 0 {
			s := &out[len(out)-1]
			s.Text += words + " "
			s.words = strings.ToLower(s.Text)
		}
	}
	return out
}

// wordsOf is the text in a node.
func wordsOf(root ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(n.Segment.Value(source))
				if n.SoftLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			if entering {
				b.Write(n.Lines().Value(source))
			}
		default:
			if !entering && n.Type() == ast.TypeBlock {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

// most is how many sections a search tells.
const most = 30

// search finds the sections that have all words, those first that have them in their names.
func (l *library) search(query string) (found []section) {
	words := strings.Fields(strings.ToLower(query))
	if len(words) == 0 {
		return nil
	}
	weight := func(s *section) (n int) {
		name := strings.ToLower(s.Name + " " + s.Page)
		for _, w := range words {
			if strings.Contains(name, w) {
				n += 100
			}
			n += min(10, strings.Count(s.words, w))
		}
		return n
	}
	for _, s := range l.sections {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(s.words+strings.ToLower(s.Page), w) }) {
			found = append(found, s)
		}
	}
	slices.SortStableFunc(found, func(a, b section) int { return cmp.Compare(weight(&b), weight(&a)) })
	found = found[:min(most, len(found))]
	for i := range found {
		found[i].Text = excerpt(found[i].Text, words[0])
	}
	return found
}

// excerpt is some of a text around a word.
func excerpt(text, word string) string {
	const before, length = 60, 220
	runes := []rune(text)
	at := strings.Index(strings.ToLower(text), word)
	from := 0
	if at > 0 {
		from = max(0, len([]rune(strings.ToLower(text)[:at]))-before)
	}
	from = min(from, len(runes))
	cut := string(runes[from:min(len(runes), from+length)])
	if from > 0 {
		cut = "… " + cut
	}
	if from+length < len(runes) {
		cut += " …"
	}
	return cut
}

// ids gives headings the names that GitHub gives them, which links between documents go by.
type ids map[string]bool

// Generate implements parser.IDs.
func (i ids) Generate(value []byte, _ ast.NodeKind) []byte {
	var b strings.Builder
	for _, r := range strings.ToLower(string(value)) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			b.WriteRune(r)
		case r == ' ':
			b.WriteByte('-')
		}
	}
	name := b.String()
	for n := 1; i[name]; n++ {
		name = b.String() + "-" + strconv.Itoa(n)
	}
	i[name] = true
	return []byte(name)
}

// Put implements parser.IDs.
func (i ids) Put(value []byte) { i[string(value)] = true }
