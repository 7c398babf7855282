package directory

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"chatreports/shared/object"
)

// Path is what the paths of links begin with.
const Path = "/files/"

// Parameters of a link.
const (
	nameParameter      = "name"
	expiresParameter   = "expires"
	signatureParameter = "signature"
)

const keyBytes = 32

// readKey reads the key that links are signed with, and makes it the first time.
func readKey(dir string) ([]byte, error) {
	name := filepath.Join(dir, "links.key")
	key, err := os.ReadFile(name)
	if err == nil && len(key) != keyBytes {
		return nil, fmt.Errorf("directory: %s should hold %d bytes; delete it, and there will be a new one: links that were given out then end", name, keyBytes)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key = make([]byte, keyBytes)
	_, _ = rand.Read(key)
	if err := os.WriteFile(name+".new", key, 0o600); err != nil {
		return nil, fmt.Errorf("directory: keeping the key of links: %w", err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		return nil, fmt.Errorf("directory: keeping the key of links: %w", err)
	}
	return key, syncFolder(dir)
}

// signature is of all that a link says.
func (s *Store) signature(key, name, expires string) string {
	mac := hmac.New(sha256.New, s.key)
	for _, part := range []string{key, name, expires} {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// Link implements object.Store.
func (s *Store) Link(_ context.Context, key, name string, good time.Duration) (string, error) {
	if err := object.Check(key); err != nil {
		return "", err
	}
	expires := strconv.FormatInt(s.now().Add(good).Unix(), 10)
	at := url.URL{Path: Path + key, RawQuery: url.Values{
		nameParameter: {name}, expiresParameter: {expires}, signatureParameter: {s.signature(key, name, expires)},
	}.Encode()}
	return at.String(), nil
}

// Handler serves what links lead to. refuse answers where nothing is served, in words.
func (s *Store) Handler(refuse func(w http.ResponseWriter, status int, why string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, under := strings.CutPrefix(r.URL.Path, Path)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			refuse(w, http.StatusMethodNotAllowed, "A file is fetched with GET.")
			return
		}
		q := r.URL.Query()
		name, expires := q.Get(nameParameter), q.Get(expiresParameter)
		if !under || !hmac.Equal([]byte(s.signature(key, name, expires)), []byte(q.Get(signatureParameter))) {
			refuse(w, http.StatusForbidden, "The link is not one that was given out here.")
			return
		}
		until, err := strconv.ParseInt(expires, 10, 64)
		if err != nil || s.now().Unix() >= until {
			refuse(w, http.StatusForbidden, "The link has expired; ask for a new one.")
			return
		}
		f, err := s.file(key)
		if err != nil {
			refuse(w, http.StatusForbidden, "The link is not one that was given out here.")
			return
		}
		content, err := os.Open(f)
		if err != nil {
			refuse(w, http.StatusNotFound, "The file is no longer there.")
			return
		}
		defer func() { _ = content.Close() }()
		info, err := content.Stat()
		if err != nil {
			refuse(w, http.StatusNotFound, "The file is no longer there.")
			return
		}
		w.Header().Set("Content-Type", object.ContentType(key))
		if encoding := object.ContentEncoding(key); encoding != "" {
			w.Header().Set("Content-Encoding", encoding)
		}
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		w.Header().Set("Cache-Control", "private, no-store")
		http.ServeContent(w, r, "", info.ModTime(), content)
	})
}
