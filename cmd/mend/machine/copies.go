package machine

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/local"
)

// A machine that runs has its file to itself. To let an operator look meanwhile, it hands out a
// copy of the file, as of one moment, beside it, and names it through a socket in the data folder:
// who may read the folder may read the file anyway. The copy is made at the disk's pace and not at
// a reader's, because deletions wait for who reads.

const (
	socketName   = "copy.sock"
	copyPattern  = "copy-*.db" // of the copies that are being looked at
	longestWrite = time.Minute
)

// handOutCopies answers each connection with a copy of the file, until the listener is closed.
// Where sockets can't be (a path too long), no one can look while the machine runs.
func handOutCopies(ctx context.Context, m *Machine) (end func()) {
	folder := filepath.Dir(m.Path)
	left, _ := filepath.Glob(filepath.Join(folder, copyPattern)) // of a command that was killed
	socket := filepath.Join(folder, socketName)
	for _, path := range append(left, socket) {
		_ = os.Remove(path)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", socket)
	if err != nil {
		m.log.WarnContext(ctx, "no copies for operators", "error", err)
		return func() {}
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(longestWrite))
			name, err := copyOf(ctx, m.File, folder)
			if err == nil {
				_, err = io.WriteString(conn, filepath.Base(name))
			}
			if err = errors.Join(err, conn.Close()); err != nil {
				m.log.WarnContext(ctx, "copy for an operator", "error", err)
			}
		}
	}()
	return func() { _ = l.Close() }
}

// copyOf makes a copy of the file in a folder.
func copyOf(ctx context.Context, f *local.File, folder string) (string, error) {
	to, err := os.CreateTemp(folder, copyPattern)
	if err != nil {
		return "", err
	}
	err = f.View(ctx, func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(to)
		return err
	})
	if err = errors.Join(err, to.Close()); err != nil {
		return "", errors.Join(err, os.Remove(to.Name()))
	}
	return to.Name(), nil
}

// OpenToRead opens the file in a data folder to look at it. While a machine runs on it, that is a
// copy as of now, which is gone when it is closed: what is written to it is lost.
func OpenToRead(ctx context.Context, folder string) (*local.File, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", filepath.Join(folder, socketName))
	if err != nil { // none runs
		return OpenFile(ctx, folder)
	}
	defer conn.Close()
	name, err := io.ReadAll(io.LimitReader(conn, 1<<10))
	if err != nil || len(name) == 0 {
		return nil, errors.Join(errors.New("the machine that runs could not copy its file: its log says why"), err)
	}
	copied := filepath.Join(folder, filepath.Base(string(name)))
	f, err := OpenCopy(ctx, copied)
	if err = errors.Join(err, os.Remove(copied)); err != nil { // what is open stays until it is closed
		return nil, err
	}
	f.Path = filepath.Join(folder, fileName)
	return f, nil
}
