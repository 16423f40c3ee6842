;; The inner loops of the head's solver, two float64 at a time. Addresses and lengths: `workspace.ts`.
(module
	(import "host" "memory" (memory 0))

	;; out[0..3] = x · each of four rows.
	(func (export "dotFour")
		(param $x i32) (param $a i32) (param $b i32) (param $c i32) (param $d i32)
		(param $length i32) (param $out i32)
		(local $end i32) (local $value v128)
		(local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128)
		(local.set $end (i32.add (local.get $x) (i32.shl (i32.and (local.get $length) (i32.const -2)) (i32.const 3))))
		(block $done
			(loop $pair
				(br_if $done (i32.ge_u (local.get $x) (local.get $end)))
				(local.set $value (v128.load (local.get $x)))
				(local.set $s0 (f64x2.add (local.get $s0) (f64x2.mul (local.get $value) (v128.load (local.get $a)))))
				(local.set $s1 (f64x2.add (local.get $s1) (f64x2.mul (local.get $value) (v128.load (local.get $b)))))
				(local.set $s2 (f64x2.add (local.get $s2) (f64x2.mul (local.get $value) (v128.load (local.get $c)))))
				(local.set $s3 (f64x2.add (local.get $s3) (f64x2.mul (local.get $value) (v128.load (local.get $d)))))
				(local.set $x (i32.add (local.get $x) (i32.const 16)))
				(local.set $a (i32.add (local.get $a) (i32.const 16)))
				(local.set $b (i32.add (local.get $b) (i32.const 16)))
				(local.set $c (i32.add (local.get $c) (i32.const 16)))
				(local.set $d (i32.add (local.get $d) (i32.const 16)))
				(br $pair)))
		;; The last of an odd length, with 0 beside it.
		(if (i32.and (local.get $length) (i32.const 1))
			(then
				(local.set $value (v128.load64_zero (local.get $x)))
				(local.set $s0 (f64x2.add (local.get $s0) (f64x2.mul (local.get $value) (v128.load64_zero (local.get $a)))))
				(local.set $s1 (f64x2.add (local.get $s1) (f64x2.mul (local.get $value) (v128.load64_zero (local.get $b)))))
				(local.set $s2 (f64x2.add (local.get $s2) (f64x2.mul (local.get $value) (v128.load64_zero (local.get $c)))))
				(local.set $s3 (f64x2.add (local.get $s3) (f64x2.mul (local.get $value) (v128.load64_zero (local.get $d)))))))
		(f64.store (local.get $out)
			(f64.add (f64x2.extract_lane 0 (local.get $s0)) (f64x2.extract_lane 1 (local.get $s0))))
		(f64.store offset=8 (local.get $out)
			(f64.add (f64x2.extract_lane 0 (local.get $s1)) (f64x2.extract_lane 1 (local.get $s1))))
		(f64.store offset=16 (local.get $out)
			(f64.add (f64x2.extract_lane 0 (local.get $s2)) (f64x2.extract_lane 1 (local.get $s2))))
		(f64.store offset=24 (local.get $out)
			(f64.add (f64x2.extract_lane 0 (local.get $s3)) (f64x2.extract_lane 1 (local.get $s3)))))

	;; target += Σ factors[k] · row k, of four rows.
	(func (export "addFour")
		(param $target i32) (param $a i32) (param $b i32) (param $c i32) (param $d i32)
		(param $length i32) (param $factors i32)
		(local $end i32) (local $f0 v128) (local $f1 v128) (local $f2 v128) (local $f3 v128)
		(local.set $f0 (v128.load64_splat (local.get $factors)))
		(local.set $f1 (v128.load64_splat offset=8 (local.get $factors)))
		(local.set $f2 (v128.load64_splat offset=16 (local.get $factors)))
		(local.set $f3 (v128.load64_splat offset=24 (local.get $factors)))
		(local.set $end
			(i32.add (local.get $target) (i32.shl (i32.and (local.get $length) (i32.const -2)) (i32.const 3))))
		(block $done
			(loop $pair
				(br_if $done (i32.ge_u (local.get $target) (local.get $end)))
				(v128.store (local.get $target)
					(f64x2.add
						(f64x2.add
							(f64x2.add (v128.load (local.get $target)) (f64x2.mul (local.get $f0) (v128.load (local.get $a))))
							(f64x2.mul (local.get $f1) (v128.load (local.get $b))))
						(f64x2.add
							(f64x2.mul (local.get $f2) (v128.load (local.get $c)))
							(f64x2.mul (local.get $f3) (v128.load (local.get $d))))))
				(local.set $target (i32.add (local.get $target) (i32.const 16)))
				(local.set $a (i32.add (local.get $a) (i32.const 16)))
				(local.set $b (i32.add (local.get $b) (i32.const 16)))
				(local.set $c (i32.add (local.get $c) (i32.const 16)))
				(local.set $d (i32.add (local.get $d) (i32.const 16)))
				(br $pair)))
		(if (i32.and (local.get $length) (i32.const 1))
			(then
				(f64.store (local.get $target)
					(f64.add
						(f64.add
							(f64.add
								(f64.load (local.get $target))
								(f64.mul (f64x2.extract_lane 0 (local.get $f0)) (f64.load (local.get $a))))
							(f64.mul (f64x2.extract_lane 0 (local.get $f1)) (f64.load (local.get $b))))
						(f64.add
							(f64.mul (f64x2.extract_lane 0 (local.get $f2)) (f64.load (local.get $c)))
							(f64.mul (f64x2.extract_lane 0 (local.get $f3)) (f64.load (local.get $d)))))))))

	;; x · y.
	(func (export "dot") (param $x i32) (param $y i32) (param $length i32) (result f64)
		(local $end i32) (local $s0 v128) (local $s1 v128)
		(local.set $end (i32.add (local.get $x) (i32.shl (i32.and (local.get $length) (i32.const -4)) (i32.const 3))))
		(block $done
			(loop $two_pairs
				(br_if $done (i32.ge_u (local.get $x) (local.get $end)))
				(local.set $s0
					(f64x2.add (local.get $s0) (f64x2.mul (v128.load (local.get $x)) (v128.load (local.get $y)))))
				(local.set $s1
					(f64x2.add
						(local.get $s1)
						(f64x2.mul (v128.load offset=16 (local.get $x)) (v128.load offset=16 (local.get $y)))))
				(local.set $x (i32.add (local.get $x) (i32.const 32)))
				(local.set $y (i32.add (local.get $y) (i32.const 32)))
				(br $two_pairs)))
		(local.set $end (i32.add (local.get $x) (i32.shl (i32.and (local.get $length) (i32.const 3)) (i32.const 3))))
		(block $ended
			(loop $one
				(br_if $ended (i32.ge_u (local.get $x) (local.get $end)))
				(local.set $s0
					(f64x2.add
						(local.get $s0)
						(f64x2.mul (v128.load64_zero (local.get $x)) (v128.load64_zero (local.get $y)))))
				(local.set $x (i32.add (local.get $x) (i32.const 8)))
				(local.set $y (i32.add (local.get $y) (i32.const 8)))
				(br $one)))
		(local.set $s0 (f64x2.add (local.get $s0) (local.get $s1)))
		(f64.add (f64x2.extract_lane 0 (local.get $s0)) (f64x2.extract_lane 1 (local.get $s0))))

	;; target += factor · x.
	(func (export "addScaled") (param $target i32) (param $x i32) (param $length i32) (param $factor f64)
		(local $end i32) (local $factors v128)
		(local.set $factors (f64x2.splat (local.get $factor)))
		(local.set $end
			(i32.add (local.get $target) (i32.shl (i32.and (local.get $length) (i32.const -2)) (i32.const 3))))
		(block $done
			(loop $pair
				(br_if $done (i32.ge_u (local.get $target) (local.get $end)))
				(v128.store (local.get $target)
					(f64x2.add (v128.load (local.get $target)) (f64x2.mul (local.get $factors) (v128.load (local.get $x)))))
				(local.set $target (i32.add (local.get $target) (i32.const 16)))
				(local.set $x (i32.add (local.get $x) (i32.const 16)))
				(br $pair)))
		(if (i32.and (local.get $length) (i32.const 1))
			(then
				(f64.store (local.get $target)
					(f64.add (f64.load (local.get $target)) (f64.mul (local.get $factor) (f64.load (local.get $x)))))))))
