package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.org/mend/shared/account"
	"example.org/mend/shared/export"
	"example.org/mend/shared/mend"
)

type exportCmd struct {
	targetFlags
	addressFlag
	Out  string `default:"." type:"path" placeholder:"FOLDER" help:"Where to write the two files. Default: here."`
	Link bool   `help:"For a stack: print links that work for an hour, and write no files."`
}

func (c *exportCmd) Run(ctx context.Context, out io.Writer) error {
	if c.Link && c.Stack == "" {
		return errors.New("--link works for a stack on AWS: name one with --stack")
	}
	return c.look(ctx, func(in *target) error {
		svc, p, err := c.find(ctx, out, in)
		if err != nil {
			return err
		}
		all, err := export.Read(ctx, svc.Base, asThemselves(p), export.Part{})
		if err != nil {
			return err
		}
		var written []string
		for _, as := range []export.Format{export.JSON, export.Markdown} {
			var text bytes.Buffer
			if err := all.Write(&text, as); err != nil {
				return err
			}
			if in.stack != nil && (c.Link || text.Len() > mostMailed) {
				err = in.stack.printLink(ctx, out, p.ID, as, text.Bytes())
			} else {
				path := filepath.Join(c.Out, "letters-"+mend.DateOf(in.now().UTC()).String()+"."+string(as))
				size := text.Len()
				if err = createNew(path, 0o600, &text); err == nil {
					written = append(written, path)
					fmt.Fprintf(out, "%s, %d bytes\n", path, size)
				}
			}
			if err != nil { // both files or none
				for _, path := range written {
					err = errors.Join(err, os.Remove(path))
				}
				return err
			}
		}
		return nil
	})
}

// mostMailed is how many bytes a file may have to be mailed to someone.
const mostMailed = 10 << 20

// linkGood is how long a link to a copy is good. The file itself goes with the mail that came in,
// after three days at the latest, or when the person is erased.
const linkGood = time.Hour

// printLink puts a copy into the mail bucket and prints a signed link to it.
func (s *stack) printLink(ctx context.Context, out io.Writer, id mend.ID, as export.Format, text []byte) error {
	bucket, key := s.outputs["MailBucket"], account.CopyKey(id, string(as))
	_, err := s.buckets.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(text)})
	if err != nil {
		return fmt.Errorf("put a copy into the mail bucket: %w", err)
	}
	signed, err := s3.NewPresignClient(s.buckets).PresignGetObject(ctx,
		&s3.GetObjectInput{Bucket: &bucket, Key: &key}, s3.WithPresignExpires(linkGood))
	if err != nil {
		return fmt.Errorf("sign a link: %w", err)
	}
	until := time.Now().UTC().Add(linkGood).Format("15:04 UTC")
	_, err = fmt.Fprintf(out, "Until %s, %d bytes:\n%s\n", until, len(text), signed.URL)
	return err
}
