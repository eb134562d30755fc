// Command connection-log runs a command and writes down every address that it,
// or any process that it starts, tries to connect or send to.
//
//	connection-log LOG COMMAND [ARGUMENT…]
//
// LOG is written anew, a JSON object a line: first {"connectionLog":1}, then one
// {"family","address","port","program"} for each attempt, whether it succeeds or
// not, and last {"end":EXIT}. A log without its last line is not whole. The exit
// code is the command's, 128+N where signal N ended it. It ends when all that
// the command started has ended.
//
// It watches by ptrace: each system call of each thread stops twice. What goes
// through an io_uring is no system call: to the command this is a kernel without
// them. Where the kernel refuses to watch, and for any other failure of its own,
// it says why, ends everything it started, and exits 125.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What ptrace does for each new thread and process, and when we end.
const follow = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK |
	unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_EXITKILL

func main() {
	if len(os.Args) < 3 {
		fail(errors.New("usage: connection-log LOG COMMAND [ARGUMENT...]"))
	}
	log, err := os.Create(os.Args[1])
	if err != nil {
		fail(err)
	}
	lines := json.NewEncoder(log)
	if err := lines.Encode(map[string]int{"connectionLog": 1}); err != nil {
		fail(err)
	}
	// The thread that starts the command is the one that may watch it.
	runtime.LockOSThread()
	pid, err := start(os.Args[2:])
	if err != nil {
		fail(err)
	}
	exit, err := watch(pid, func(seen connection) error { return lines.Encode(seen) })
	if err != nil {
		fail(err)
	}
	if err := lines.Encode(map[string]int{"end": exit}); err != nil {
		fail(err)
	}
	os.Exit(exit)
}

// fail ends us, and by PTRACE_O_EXITKILL everything that is watched.
func fail(err error) {
	fmt.Fprintf(os.Stderr, "connection-log: %v\n", err)
	os.Exit(125)
}

// start gives the process id of the command, stopped before its first instruction.
func start(argv []string) (int, error) {
	program, err := exec.LookPath(argv[0])
	if err != nil {
		return 0, err
	}
	if err := refuseRings(); err != nil {
		return 0, fmt.Errorf("cannot keep the command from io_uring: %w", err)
	}
	process, err := os.StartProcess(program, argv, &os.ProcAttr{
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
		Sys:   &syscall.SysProcAttr{Ptrace: true},
	})
	if err != nil {
		return 0, fmt.Errorf("cannot start and watch the command (is ptrace allowed here?): %w", err)
	}
	var status unix.WaitStatus
	if _, err := unix.Wait4(process.Pid, &status, unix.WALL, nil); err != nil || !status.Stopped() {
		return 0, fmt.Errorf("the command did not stop to be watched: %v %v", err, status)
	}
	if err := unix.PtraceSetOptions(process.Pid, follow); err != nil {
		_ = process.Kill()
		return 0, fmt.Errorf("cannot watch the command: %w", err)
	}
	return process.Pid, resume(process.Pid, 0)
}

// watch goes on until every process has ended, and gives the exit code of the first.
func watch(first int, note func(connection) error) (int, error) {
	exit := -1
	known := map[int]bool{first: true}
	for {
		var status unix.WaitStatus
		tid, err := unix.Wait4(-1, &status, unix.WALL, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ECHILD) && exit >= 0:
			return exit, nil
		case err != nil:
			return 0, fmt.Errorf("lost sight of the command: %w", err)
		}
		if status.Exited() || status.Signaled() {
			delete(known, tid)
			if tid == first {
				exit = exitOf(status)
			}
			continue
		}
		isNew := !known[tid]
		known[tid] = true
		signal := 0
		switch stop := status.StopSignal(); {
		case stop == unix.SIGTRAP|0x80:
			if err := inspect(tid, note); err != nil {
				return 0, err
			}
		case stop == unix.SIGTRAP && status.TrapCause() > 0:
			// A thread or process was made, or a program was loaded.
		case isNew && stop == unix.SIGSTOP:
			// How a new one waits for us.
		default:
			signal = int(stop)
		}
		if err := resume(tid, signal); err != nil {
			return 0, err
		}
	}
}

func exitOf(status unix.WaitStatus) int {
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}

// resume lets a thread go on to its next system call. One that was killed meanwhile is waited for as all are.
func resume(tid int, signal int) error {
	if err := unix.PtraceSyscall(tid, signal); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("cannot go on with process %d: %w", tid, err)
	}
	return nil
}

// refuseRings makes io_uring_setup fail with ENOSYS in this thread and in all that it starts.
func refuseRings() error {
	filter := []unix.SockFilter{
		// The number of the call is the first word of struct seccomp_data.
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: unix.SYS_IO_URING_SETUP},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0)
}

func programOf(tid int) string {
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", tid))
	if err != nil {
		return ""
	}
	return filepath.Base(path)
}
