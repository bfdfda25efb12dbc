package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.org/mend/shared/account"
	"example.org/mend/shared/export"
	"example.org/mend/shared/mend"
)

// exportCmd is `mend export`.
type exportCmd struct {
	targetFlags
	addressFlag
	Out  string `default:"." type:"path" placeholder:"FOLDER" help:"Where to write the two files. Default: here."`
	Link bool   `help:"For a stack: print links that work for an hour, and write no files."`
}

// Help is shown by --help.
func (exportCmd) Help() string {
	return `Writes a copy of everything we keep about a person who asked for it, as JSON and as Markdown to read. If the
files of a stack are too large to mail, use --link: it prints links that work for an hour.

  mend export --stack mend --out /tmp
  mend export --data ./.mend --address ann@mail.test`
}

// Run writes the files.
func (c *exportCmd) Run(ctx context.Context, out io.Writer) error {
	if c.Link && c.Stack == "" {
		return errors.New("--link works for a stack on AWS: name one with --stack")
	}
	return c.look(ctx, func(in *target) error {
		svc, err := in.service(ctx)
		if err != nil {
			return err
		}
		p, err := c.find(ctx, out, svc)
		if err != nil {
			return err
		}
		for _, as := range []export.Format{export.JSON, export.Markdown} {
			path := filepath.Join(c.Out, "letters-"+mend.DateOf(in.now().UTC()).String()+"."+string(as))
			err := createNew(path, 0o600, func(w io.Writer) error {
				_, err := export.Write(ctx, svc.Base, asThemselves(p), w, as, export.Part{})
				return err
			})
			if errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("%s is there already: move it away, or choose another folder with --out", path)
			}
			if err != nil {
				return fmt.Errorf("write a copy: %w", err)
			}
			if err := c.hand(ctx, out, in, p.ID, path); err != nil {
				return err
			}
		}
		return nil
	})
}

// mostMailed is how large a file may be to be mailed to somebody.
const mostMailed = 10 << 20

// hand says where a file is, or puts it where a link leads.
func (c *exportCmd) hand(ctx context.Context, out io.Writer, in *target, id mend.ID, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if in.stack == nil || !c.Link && info.Size() <= mostMailed {
		fmt.Fprintf(out, "%s, %d bytes\n", path, info.Size())
		return nil
	}
	link, err := in.stack.linkTo(ctx, id, path)
	if err != nil {
		return err
	}
	until := time.Now().UTC().Add(linkGood).Format("15:04 UTC")
	fmt.Fprintf(out, "Until %s, %d bytes:\n%s\n", until, info.Size(), link)
	return os.Remove(path)
}

// linkGood is how long a link to a copy is good. The file itself goes with the mail that came in,
// after three days at the latest, or when the person is erased.
const linkGood = time.Hour

// linkTo moves a file into the mail bucket and signs a link to it.
func (s *stack) linkTo(ctx context.Context, id mend.ID, path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	bucket, key := s.outputs["MailBucket"], account.CopyKey(id, strings.TrimPrefix(filepath.Ext(path), "."))
	if _, err := s.buckets.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: file}); err != nil {
		return "", fmt.Errorf("put a copy into the mail bucket: %w", err)
	}
	signed, err := s3.NewPresignClient(s.buckets).PresignGetObject(ctx,
		&s3.GetObjectInput{Bucket: &bucket, Key: &key}, s3.WithPresignExpires(linkGood))
	if err != nil {
		return "", fmt.Errorf("sign a link: %w", err)
	}
	return signed.URL, nil
}
