package function

import (
	"context"
	"crypto/rand"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"chatreports/shared/object"
)

// Exported is what the keys of exports that were too long to be sent begin with.
// ExportedKept is how long they are kept: template.yaml has it for the bucket.
const (
	Exported     = "exports/"
	ExportedKept = 24 * time.Hour
)

// exportedGood is how long a link to one is good for.
const exportedGood = time.Hour

// exported is an answer that goes into a file. An HTTP API of API Gateway takes an answer as
// a whole and Lambda passes on 6 MB of it, so that it cannot be streamed; a file has no such
// limit, and a client whose connection breaks goes on where it was.
type exported struct {
	Deps
	ctx    context.Context
	path   string // that was asked
	base   string // what addresses here begin with
	good   time.Duration
	tenant string
	key    string
	name   string // under which it is saved
	upload object.Upload
	bytes  int64
}

// begin begins the file of an answer that has this header.
func (f *exported) begin(tenant string, header http.Header) {
	_, disposition, _ := mime.ParseMediaType(header.Get("Content-Disposition"))
	f.tenant, f.name = tenant, disposition["filename"]
	f.key = Exported + tenant + "/" + rand.Text() + path.Ext(f.name)
	if header.Get("Content-Encoding") == "gzip" { // which only who takes it is sent
		f.key += ".gz"
	}
	var err error
	if f.upload, err = f.Objects.Create(f.ctx, f.key); err != nil {
		f.fail(err)
	}
}

// fail gives the answer up.
func (f *exported) fail(err error) { panic(unanswered(f.ctx, f.Deps, f.path, err)) }

// Write implements web.Elsewhere.
func (f *exported) Write(p []byte) (int, error) {
	f.bytes += int64(len(p))
	return f.upload.Write(p)
}

// Commit implements web.Elsewhere.
func (f *exported) Commit() string {
	err := f.upload.Commit()
	link := ""
	if err == nil {
		link, err = f.Objects.Link(f.ctx, f.key, f.name, f.good)
	}
	if err != nil {
		f.fail(err)
	}
	f.Log.InfoContext(f.ctx, "an export is too long to be sent, and lies in a file", "tenant", f.tenant, "path", f.path, "bytes", f.bytes)
	if strings.HasPrefix(link, "/") {
		link = f.base + link
	}
	return link
}

// Abort implements web.Elsewhere.
func (f *exported) Abort() { f.upload.Abort() }
