package embedded

import (
	"errors"
	"os"
)

// scrub overwrites every free page of the file with zeros. A bolt file is copied on writing, so each
// write leaves what it replaced in a page that is free afterwards. With the lock held nobody reads, so
// no page that bolt calls free is in use; and the last commit is on the disk, so no crash needs one.
func (e *boltEngine) scrub() error {
	if !e.wrote.Load() {
		return nil
	}
	e.swap.Lock()
	defer e.swap.Unlock()
	file, err := os.OpenFile(e.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = e.zeroFree(file)
	if err == nil && !e.o.NoSync {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		e.wrote.Store(false)
	}
	return err
}

func (e *boltEngine) unsynced(do func() error) error {
	was := e.setNoSync(true)
	err := do()
	e.setNoSync(was)
	if was {
		return err
	}
	e.swap.RLock()
	defer e.swap.RUnlock()
	return errors.Join(err, e.file.Sync())
}

// setNoSync changes how the file and those that take its place are written, between two commits. It returns how they
// were written before.
func (e *boltEngine) setNoSync(noSync bool) (was bool) {
	e.swap.Lock()
	defer e.swap.Unlock()
	was = e.o.NoSync
	e.o.NoSync, e.file.NoSync = noSync, noSync
	return was
}

// zeroFree writes only where there is something to overwrite: most free pages are zero already. Pages behind
// the last one are looked at once: only a commit that failed or was killed writes there.
func (e *boltEngine) zeroFree(file *os.File) error {
	p, err := openPages(file)
	if err != nil {
		return err
	}
	free, err := p.free()
	if err != nil {
		return err
	}
	page, zeros := make([]byte, p.size), make([]byte, p.size)
	for _, id := range free {
		if err := zeroAt(file, int64(id*p.size), page, zeros); err != nil {
			return err
		}
	}
	if e.restIsZero.Load() {
		return nil
	}
	if err := zeroRest(file, int64(p.meta.end*p.size), page, zeros); err != nil {
		return err
	}
	e.restIsZero.Store(true)
	return nil
}

// zeroRest overwrites what is behind the last page, up to the end of the file.
func zeroRest(file *os.File, from int64, page, zeros []byte) error {
	stat, err := file.Stat()
	for at := from; err == nil && at+int64(len(page)) <= stat.Size(); at += int64(len(page)) {
		err = zeroAt(file, at, page, zeros)
	}
	return err
}

func zeroAt(file *os.File, at int64, page, zeros []byte) error {
	if _, err := file.ReadAt(page, at); err != nil {
		return err
	}
	if string(page) == string(zeros) {
		return nil
	}
	_, err := file.WriteAt(zeros, at)
	return err
}
