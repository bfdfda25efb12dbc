package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.org/mend/shared/account"
	"example.org/mend/shared/export"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
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
				if err = createNew(path, 0o600, &text); err == nil {
					written = append(written, path)
				}
			}
			if err != nil { // both files or none
				for _, path := range written {
					err = errors.Join(err, os.Remove(path))
				}
				return err
			}
		}
		if len(written) > 0 {
			fmt.Fprintf(out, "A copy of everything about %s is in\n%s\n", p.ID, strings.Join(written, "\n"))
		}
		return nil
	})
}

// mostMailed is how many bytes a file may have to be mailed to someone.
const mostMailed = 10 << 20

// linkGood is how long a link to a copy is good, unless the credentials that sign it end sooner.
// The file itself goes after some three days, or when the person is erased.
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
	until := time.Now().Add(linkGood)
	if by, err := s.cfg.Credentials.Retrieve(ctx); err == nil && by.CanExpire && by.Expires.Before(until) {
		until = by.Expires
	}
	_, err = fmt.Fprintf(out, "A copy of everything about %s, until %s:\n%s\n", id, until.UTC().Format("15:04 UTC"),
		signed.URL)
	return err
}

type eraseCmd struct {
	targetFlags
	addressFlag
}

func (c *eraseCmd) Run(ctx context.Context, out io.Writer) error {
	return c.do(ctx, func(in *target) error {
		svc, p, err := c.find(ctx, out, in)
		if err != nil {
			return err
		}
		since := p.Created.UTC().Format("2 January 2006")
		fmt.Fprintf(out, "That is person %s: %s, here since %s.\n", p.ID, p.Status, since)
		if err := confirm(ctx, out, "Everything of them goes, for good.", account.EraseWord); err != nil {
			return err
		}
		if err := svc.Account.Erase(ctx, asThemselves(p), account.EraseWord); err != nil {
			return err
		}
		backups := "Backups forget them within 35 days."
		if in.file != nil {
			backups = "Copies of the file still hold them: delete those."
		}
		fmt.Fprintf(out, "Erased %s. %s\n", p.ID, backups)
		return nil
	})
}

type reopenCmd struct {
	targetFlags
	addressFlag
}

func (c *reopenCmd) Run(ctx context.Context, out io.Writer) error {
	return c.do(ctx, func(in *target) error {
		svc, err := in.service(ctx)
		if err != nil {
			return err
		}
		address, err := c.read(ctx, out)
		if err != nil {
			return err
		}
		if err := svc.Account.Reopen(ctx, address); err != nil {
			return err
		}
		fmt.Fprintln(out, "They can sign in again, and sign up again for letters.")
		if in.stack != nil {
			fmt.Fprintf(out, "SES has a list of its own. If the address is on it: aws sesv2 "+
				"delete-suppressed-destination --region %s --email-address THEIRS\n", in.stack.cfg.Region)
		}
		return nil
	})
}

// addressFlag names a person by their address, which is never printed and never logged.
type addressFlag struct {
	Address string `placeholder:"ADDRESS" help:"Their address. Default: we ask, so that it is in no shell history."`
}

// read reads the address.
func (f addressFlag) read(ctx context.Context, out io.Writer) (a mend.Address, err error) {
	typed := f.Address
	if typed == "" {
		if typed, err = ask(ctx, out, "Their address: "); err != nil {
			return a, err
		}
	}
	if a, err = account.ParseAddress(typed); err != nil {
		err = fmt.Errorf("the address: %w", err)
	}
	return a, err
}

// find looks the person up as the pages do, by a keyed hash of their address.
func (f addressFlag) find(
	ctx context.Context, out io.Writer, in *target,
) (svc *service.Service, p mend.Person, err error) {
	if svc, err = in.service(ctx); err != nil {
		return nil, p, err
	}
	address, err := f.read(ctx, out)
	if err != nil {
		return nil, p, err
	}
	record, err := svc.Store.Address(ctx, address)
	if err != nil {
		return nil, p, err
	}
	a, err := svc.Store.Load(ctx, record.Person, svc.Now())
	if record.Person == "" || errors.Is(err, store.ErrNotFound) {
		return nil, p, errors.New("we know no one with this address")
	}
	return svc, a.Person, err
}

// asThemselves is the access of someone who signed in: an operator acts for a person who asked for
// it.
func asThemselves(p mend.Person) account.Access {
	return account.Access{Person: p.ID, SignedIn: true}
}
